using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>Which events the log removes.</summary>
public abstract class EventRetentionConformance : RevisionSteps
{
    [Fact]
    public async Task Events_up_to_an_age_are_removed_and_the_others_kept()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        Time.Advance(TimeSpan.FromDays(1));
        DateTimeOffset limit = Time.GetUtcNow();
        await StoreOneAsync(study);

        Assert.Equal(0, await Events.RemoveOlderAsync(limit.AddDays(-1), CancellationToken.None));
        Assert.Equal(2, await Events.RemoveOlderAsync(limit, CancellationToken.None));
        Assert.Equal(0, await Events.RemoveOlderAsync(limit, CancellationToken.None));

        Assert.Equal(new EventLogBounds(3, 4), await Events.GetBoundsAsync(CancellationToken.None));
        Assert.Null(await Events.FindAsync(2, CancellationToken.None));
        Assert.NotNull(await Events.FindAsync(3, CancellationToken.None));
    }

    [Fact]
    public async Task A_cursor_older_than_the_log_is_told()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        Time.Advance(TimeSpan.FromDays(1));
        await StoreOneAsync(study);
        await Events.RemoveOlderAsync(Time.GetUtcNow(), CancellationToken.None);

        EventPage expired = await ReadAsync(1);
        EventPage oldest = await ReadAsync(2);

        Assert.Equal((true, 0, 3L), (expired.IsExpired, expired.Events.Count, expired.Bounds.Oldest));
        Assert.Equal((false, 4L), (oldest.IsExpired, oldest.Next));
        Assert.Equal([3L, 4L], oldest.Events.Select(logged => logged.Sequence));
    }

    [Fact]
    public async Task Numbers_are_not_used_again_when_all_events_are_gone()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        Time.Advance(TimeSpan.FromDays(1));
        await Events.RemoveOlderAsync(Time.GetUtcNow(), CancellationToken.None);
        Assert.Equal(new EventLogBounds(3, 2), await Events.GetBoundsAsync(CancellationToken.None));
        await ReopenAsync();

        await StoreOneAsync(study);

        Assert.Equal(new EventLogBounds(3, 4), await Events.GetBoundsAsync(CancellationToken.None));
        Assert.Equal([3L, 4L], (await ReadAsync(2)).Events.Select(logged => logged.Sequence));
    }

    [Fact]
    public async Task Many_events_go_in_several_steps()
    {
        SampleStudy study = new();
        InstanceChange instance = SampleStudy.Instance(study.Series());
        await SaveAsync(
            study, study.Store(instance) with { Events = [.. Enumerable.Range(0, 4500).SelectMany(_ => SampleStudy.EventsOf(instance))] });
        Time.Advance(TimeSpan.FromDays(1));
        await StoreOneAsync(study);
        List<int> steps = [];
        while (await Events.RemoveOlderAsync(Time.GetUtcNow(), CancellationToken.None) is > 0 and int removed)
        {
            steps.Add(removed);
        }

        Assert.All(steps, removed => Assert.InRange(removed, 1, 8999));
        Assert.Equal(9000, steps.Sum());
        Assert.Equal(new EventLogBounds(9001, 9002), await Events.GetBoundsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task The_last_revision_of_a_study_outlives_its_event()
    {
        SampleStudy study = new();
        List<byte[]> revisions = [];
        for (int number = 0; number < 3; number++)
        {
            await StoreOneAsync(study);
            revisions.Add(await SettleAsync(study));
        }

        Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(9, await Events.RemoveOlderAsync(Time.GetUtcNow(), CancellationToken.None));

        Assert.Null(await Events.FindRevisionAsync(study.Key, 0, CancellationToken.None));
        Assert.Null(await Events.FindRevisionAsync(study.Key, 1, CancellationToken.None));
        Assert.Equal(revisions[2], (await Events.FindRevisionAsync(study.Key, 2, CancellationToken.None))?.ToArray());

        await StoreOneAsync(study);
        byte[] newest = await SettleAsync(study);
        Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(3, await Events.RemoveOlderAsync(Time.GetUtcNow(), CancellationToken.None));
        Assert.Null(await Events.FindRevisionAsync(study.Key, 2, CancellationToken.None));
        Assert.Equal(newest, (await Events.FindRevisionAsync(study.Key, 3, CancellationToken.None))?.ToArray());
    }

    private Task<EventPage> ReadAsync(long after) => Events.ReadAsync(new EventQuery(after, 1000, []), CancellationToken.None);
}
