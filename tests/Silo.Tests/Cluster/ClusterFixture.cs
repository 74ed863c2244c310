using ImagingIngestion.Storage.Sqlite;

namespace ImagingIngestion.Silo.Tests.Cluster;

/// <summary>A real manifest and a table, for several silos in one test process.</summary>
public abstract class ClusterFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-tests-").FullName;

    private protected SqliteManifestStore Store { get; private set; } = null!;

    private protected MemorySiloTable Table { get; } = new();

    public Task InitializeAsync()
    {
        Store = SqliteManifestStore.Open(Path.Combine(_folder, "manifest.db"), TimeProvider.System);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
