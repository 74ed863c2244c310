using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Storage.Tests.Sqlite;

public sealed class SqliteSearchIndexTests : SearchIndexConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}
