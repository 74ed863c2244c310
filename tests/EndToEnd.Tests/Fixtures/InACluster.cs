namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>
/// Marks the tests that <c>./test</c> runs a second time, against a cluster on PostgreSQL and a bucket: they prove something that crosses
/// the boundary of a process or of a store.
/// </summary>
/// <remarks>
/// Ingest and read back, retrieve over DIMSE, revisions, deletions, deliveries, commitment, repairs, stops and kills cross one. Parsing,
/// media types, limits, TLS, settings and clients pass through the same code in every process: one process proves them.
/// </remarks>
internal static class InACluster
{
    public const string Trait = "Runs";
    public const string Value = "in a cluster too";
}
