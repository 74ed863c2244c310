using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Storage.Tests.Sqlite;

/// <summary>The events that bindings keep in the log.</summary>
/// <remarks>The tests write rows of bindings that no port would leave like this.</remarks>
public sealed class SqliteBindingRetentionTests : RevisionSteps
{
    private readonly SqliteBackend _backend = new();

    public override async Task DisposeAsync() => await _backend.DisposeAsync();

    [Fact]
    public async Task Events_that_a_binding_has_not_turned_into_deliveries_are_kept()
    {
        await FillAsync();
        AddBinding("ahead", cursor: 6, keepsEveryEvent: false);
        AddBinding("behind", cursor: 3, keepsEveryEvent: false);

        Assert.Equal(3, await RemoveAsync());
        Assert.Equal(0, await RemoveAsync());
        Assert.Equal(4, (await Events.GetBoundsAsync(CancellationToken.None)).Oldest);

        _backend.Execute("UPDATE binding SET cursor = 6 WHERE name = 'behind'");
        Assert.Equal(3, await RemoveAsync());
    }

    [Fact]
    public async Task Events_that_a_delivery_of_every_event_names_are_kept()
    {
        await FillAsync();
        AddBinding("webhook", cursor: 6, keepsEveryEvent: true);
        AddBinding("archive", cursor: 6, keepsEveryEvent: false);
        AddDelivery("webhook", sequence: 5, isDead: true);
        AddDelivery("archive", sequence: 2, isDead: false);

        Assert.Equal(4, await RemoveAsync());
        Assert.NotNull(await Events.FindAsync(5, CancellationToken.None));

        _backend.Execute("DELETE FROM delivery");
        Assert.Equal(2, await RemoveAsync());
    }

    [Fact]
    public async Task A_revision_that_is_still_to_be_delivered_is_kept()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        byte[] first = await SettleAsync(study);
        await StoreOneAsync(study);
        await SettleAsync(study);
        AddBinding("fhir", cursor: 5, keepsEveryEvent: false);
        AddRevisionDelivery("fhir", revision: 0);

        Assert.Equal(5, await RemoveAsync());

        Assert.Equal(first, (await Events.FindRevisionAsync(study.Key, 0, CancellationToken.None))?.ToArray());
    }

    protected override Task<ManifestBackend> OpenAsync() => Task.FromResult(_backend.ForKit());

    /// <summary>Stores six events of one study.</summary>
    private async Task FillAsync()
    {
        SampleStudy study = new();
        for (int number = 0; number < 3; number++)
        {
            await StoreOneAsync(study);
        }
    }

    private Task<int> RemoveAsync() => Events.RemoveOlderAsync(Time.GetUtcNow().AddDays(1), CancellationToken.None);

    private void AddBinding(string name, long cursor, bool keepsEveryEvent) => _backend.Execute(
        $"INSERT INTO binding (name, kind, keeps_every_event, cursor, created_at) VALUES ('{name}', 'kit', {(keepsEveryEvent
            ? 1
            : 0)}, {cursor}, 0)");

    private void AddDelivery(string binding, long sequence, bool isDead) => _backend.Execute($"""
        INSERT INTO delivery (binding_id, study_id, series_uid, sop_uid, slot, sequence, type, change, is_dead, due_at, created_at)
        SELECT b.id, e.study_id, e.series_uid, e.sop_uid, CASE b.keeps_every_event WHEN 1 THEN e.sequence ELSE 0 END, e.sequence, e.type, e.change, {(isDead ? 1 : 0)}, 0, 0
        FROM binding b, event e WHERE b.name = '{binding}' AND e.sequence = {sequence}
        """);

    private void AddRevisionDelivery(string binding, int revision) => _backend.Execute($"""
        INSERT INTO delivery (binding_id, study_id, series_uid, sop_uid, slot, sequence, type, revision, due_at, created_at)
        SELECT b.id, e.study_id, '', '', 0, e.sequence, e.type, e.revision, 0, 0
        FROM binding b, event e WHERE b.name = '{binding}' AND e.revision = {revision}
        """);
}
