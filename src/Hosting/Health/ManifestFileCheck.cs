using ImagingIngestion.Storage.Sqlite;

namespace ImagingIngestion.Hosting.Health;

/// <summary>A file of which some pages are damaged still answers from others: what any read or write has met counts.</summary>
internal sealed class ManifestFileCheck(SqliteManifestStore manifest) : IReadinessCheck
{
    public Task<string?> FindFaultAsync(CancellationToken cancellationToken) => Task.FromResult(manifest.Damage);
}
