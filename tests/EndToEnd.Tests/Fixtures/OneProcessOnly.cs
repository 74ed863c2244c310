namespace ImagingIngestion.EndToEnd.Tests;

/// <summary>Marks tests of the folder store and of SQLite, which a cluster does not have: they look into the files, or make those fail.</summary>
internal static class OneProcessOnly
{
    public const string Trait = "Runs";
    public const string Value = "in one process";
}
