using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Storage.Tests.Sqlite;

public sealed class SqliteManifestStoreTests : ManifestStoreConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteBindingAdministrationTests : BindingAdministrationConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteCommitmentTests : CommitmentConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteContentLedgerTests : ContentLedgerConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteDamagedObjectTests : DamagedObjectConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteDeliveredInstanceTests : DeliveredInstanceConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteDeliveryFanOutTests : DeliveryFanOutConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteDeliveryOrderTests : DeliveryOrderConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteDeliveryQueueTests : DeliveryQueueConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteDeliverySnapshotTests : DeliverySnapshotConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteEventLogTests : EventLogConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteEventRetentionTests : EventRetentionConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteEventWaitTests : EventWaitConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteManifestFindTests : ManifestFindConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteManifestPagingTests : ManifestPagingConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteManifestSearchTests : ManifestSearchConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteManifestValuesTests : ManifestValuesConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteRevisionContentTests : RevisionContentConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteRevisionTests : RevisionConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteSearchIndexTests : SearchIndexConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}

public sealed class SqliteSweepTests : SweepConformance
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());
}
