using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Storage.Tests.Sqlite;

/// <summary>A clock that was a year ahead for a while, and is right again.</summary>
public sealed class SqliteClockTests : IAsyncLifetime
{
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(365);
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(30);

    private readonly SqliteBackend _backend = new();
    private ManifestBackend _manifest;

    public SqliteClockTests() => _manifest = _backend.ForKit();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _backend.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_revision_that_was_opened_then_is_due_after_its_delay_by_the_right_clock(bool reopens)
    {
        await OpenRevisionAheadAsync();

        await SetRightAsync(reopens);

        Assert.Empty(await _manifest.Revisions.ClaimDueAsync("silo", TimeSpan.FromMinutes(1), 10, CancellationToken.None));
        _manifest.Time.Advance(Delay);
        Assert.Single(await _manifest.Revisions.ClaimDueAsync("silo", TimeSpan.FromMinutes(1), 10, CancellationToken.None));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_claim_of_then_does_not_outlive_its_lease(bool reopens)
    {
        await OpenRevisionAheadAsync();
        _manifest.Time.Advance(Delay);
        Assert.Single(await _manifest.Revisions.ClaimDueAsync("killed", TimeSpan.FromMinutes(1), 10, CancellationToken.None));

        await SetRightAsync(reopens);

        Assert.Empty(await _manifest.Revisions.ClaimDueAsync("silo", TimeSpan.FromMinutes(1), 10, CancellationToken.None));
        _manifest.Time.Advance(TimeSpan.FromHours(1));
        Assert.Single(await _manifest.Revisions.ClaimDueAsync("silo", TimeSpan.FromMinutes(1), 10, CancellationToken.None));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_delivery_that_was_put_off_then_is_tried_after_its_pause_by_the_right_clock(bool reopens)
    {
        BindingDefinition binding = new() { Name = "archive", Kind = "stow", Types = [EventType.DicomAvailable] };
        await _manifest.Deliveries.RegisterAsync(binding, CancellationToken.None);
        await OpenRevisionAheadAsync();
        await _manifest.Deliveries.FanOutAsync(binding, 100, CancellationToken.None);
        Delivery delivery = Assert.Single(await ClaimAsync());
        await _manifest.Deliveries.SettleAsync(
            [new DeliverySettlement(delivery, DeliveryOutcome.Retry, Delay, "busy")], CancellationToken.None);

        await SetRightAsync(reopens);

        Assert.Empty(await ClaimAsync());
        _manifest.Time.Advance(Delay + Delay);
        Assert.Single(await ClaimAsync());
    }

    private async Task<IReadOnlyList<Delivery>> ClaimAsync()
        => (await _manifest.Deliveries.ClaimAsync("archive", "test", TimeSpan.FromSeconds(30), 10, CancellationToken.None)).Deliveries;

    private async Task OpenRevisionAheadAsync()
    {
        await _manifest.Revisions.ClaimDueAsync("silo", TimeSpan.FromMinutes(1), 1, CancellationToken.None);
        _manifest.Time.Advance(Ahead);
        SampleStudy study = new();
        InstanceChange instance = SampleStudy.Instance(study.Series());
        StudyChange change = study.Store(instance);
        change = change with
        {
            After = change.After with { CreatedAt = _manifest.Time.GetUtcNow(), UpdatedAt = _manifest.Time.GetUtcNow() },
            Events = SampleStudy.EventsOf(instance),
            Timing = new RevisionTiming(Delay, TimeSpan.FromMinutes(10)),
        };
        Assert.Equal([StudyCommitResult.Committed], await _manifest.Store.CommitAsync([change], CancellationToken.None));
        await _manifest.Revisions.ClaimDueAsync("silo", TimeSpan.FromMinutes(1), 1, CancellationToken.None);
    }

    /// <summary>The clock is set right while the process is down, or while it runs.</summary>
    private async Task SetRightAsync(bool reopens)
    {
        _manifest.Time.AdjustTime(_manifest.Time.GetUtcNow() - Ahead);
        _manifest = reopens ? await _manifest.Reopen() : _manifest;
    }
}
