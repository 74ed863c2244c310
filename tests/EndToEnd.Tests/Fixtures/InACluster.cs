namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>Marks the tests that <c>./test</c> runs a second time, against a cluster on PostgreSQL and a bucket.</summary>
/// <remarks>
/// They cross the boundary of a process or of a store: ingest and read back, retrieve over DIMSE, revisions, deletions, deliveries,
/// commitment, repairs, stops, kills. Parsing, media types, limits, TLS, settings and clients run the same code in every process: one
/// process proves them.
/// </remarks>
internal static class InACluster
{
    public const string Trait = "Runs";
    public const string Value = "in a cluster too";
}
