using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Storage.Tests.Postgres;

public sealed class PostgresManifestStoreTests : ManifestStoreConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresBindingAdministrationTests : BindingAdministrationConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresCommitmentTests : CommitmentConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresContentLedgerTests : ContentLedgerConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresDamagedObjectTests : DamagedObjectConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresDeliveredInstanceTests : DeliveredInstanceConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresDeliveryFanOutTests : DeliveryFanOutConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresDeliveryOrderTests : DeliveryOrderConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresDeliveryQueueTests : DeliveryQueueConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresDeliverySnapshotTests : DeliverySnapshotConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresEventLogTests : EventLogConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresEventRetentionTests : EventRetentionConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresEventWaitTests : EventWaitConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresManifestFindTests : ManifestFindConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresManifestPagingTests : ManifestPagingConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresManifestSearchTests : ManifestSearchConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresManifestValuesTests : ManifestValuesConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresRevisionContentTests : RevisionContentConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresRevisionTests : RevisionConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresSearchIndexTests : SearchIndexConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}

public sealed class PostgresSweepTests : SweepConformance
{
    private PostgresBackend? _backend;

    public override async Task DisposeAsync() => await _backend!.DisposeAsync();

    protected override async Task<ManifestBackend> OpenAsync() => (_backend = await PostgresBackend.CreateAsync()).ForKit();
}
