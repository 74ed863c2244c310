namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>
/// Marks tests that run against one process alone: those that look into the files of the folder store and of SQLite, or make them fail,
/// those that hold one process to a bound, and those of formats that pass through the same code in every process.
/// </summary>
internal static class OneProcessOnly
{
    public const string Trait = "Runs";
    public const string Value = "in one process";
}
