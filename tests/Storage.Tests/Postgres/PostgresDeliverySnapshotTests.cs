using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Storage.Tests.Postgres;

public sealed class PostgresDeliverySnapshotTests : DeliverySnapshotConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}
