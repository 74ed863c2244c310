using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>How events are numbered and read (docs/design.md, "Events").</summary>
public abstract class EventLogConformance : RevisionSteps
{
    [Fact]
    public async Task An_empty_log_begins_with_one()
    {
        Assert.Equal(new EventLogBounds(1, 0), await Events.GetBoundsAsync(CancellationToken.None));
        EventPage page = await ReadAsync(0);
        Assert.Equal((0, 0L, false), (page.Events.Count, page.Next, page.IsExpired));
        Assert.Null(await Events.FindAsync(1, CancellationToken.None));
        Assert.Matches("^[A-Za-z0-9-]+$", Events.LogId);
    }

    [Fact]
    public async Task Events_come_back_as_they_were_committed()
    {
        SampleStudy study = new();
        InstanceChange instance = SampleStudy.Instance(study.Series());
        EventDraft[] drafts = SampleStudy.EventsOf(instance, ChangeKind.Modification);
        drafts[1] = drafts[1] with { CallingAeTitle = null, Modalities = [] };
        await SaveAsync(study, study.Store(instance) with { Timing = Timing, Events = drafts });
        DateTimeOffset stored = Time.GetUtcNow();
        byte[] data = await SettleAsync(study);

        IReadOnlyList<LoggedEvent> events = (await ReadAsync(0)).Events;

        Assert.Equal([1L, 2L, 3L], events.Select(logged => logged.Sequence));
        Assert.Equal([stored, stored, Time.GetUtcNow()], events.Select(logged => logged.OccurredAt));
        Assert.All(events, logged => Assert.Equal(study.Key, logged.Study));
        AssertSame(drafts[0], events[0].Content);
        AssertSame(drafts[1], events[1].Content);
        AssertSame(new EventDraft { Type = EventType.StudyRevision, Revision = 0, Modalities = ["CT"], Data = data }, events[2].Content);
        AssertSame(drafts[1], (await Events.FindAsync(2, CancellationToken.None))!.Content);
        Assert.Null(await Events.FindAsync(4, CancellationToken.None));
    }

    [Fact]
    public async Task Commits_at_the_same_time_leave_no_holes_and_keep_the_order_of_each_study()
    {
        SampleStudy[] studies = [.. Enumerable.Range(0, 20).Select(_ => new SampleStudy())];
        List<InstanceId>[] stored = [.. studies.Select(_ => new List<InstanceId>())];
        await Task.WhenAll(studies.Select((study, index) => Task.Run(async () =>
        {
            for (int number = 0; number < 10; number++)
            {
                stored[index].Add((await StoreOneAsync(study)).State.Id);
            }
        })));

        IReadOnlyList<LoggedEvent> events = (await ReadAsync(0)).Events;

        Assert.Equal(Enumerable.Range(1, 400).Select(number => (long)number), events.Select(logged => logged.Sequence));
        Assert.Equal(new EventLogBounds(1, 400), await Events.GetBoundsAsync(CancellationToken.None));
        foreach ((SampleStudy study, List<InstanceId> instances) in studies.Zip(stored))
        {
            Assert.Equal(
                instances.SelectMany(id => new[] { (id, EventType.ImageStored), (id, EventType.DicomAvailable) }),
                events.Where(logged => logged.Study == study.Key).Select(logged => (logged.Content.Instance!.Value, logged.Content.Type)));
        }
    }

    [Fact]
    public async Task What_is_not_committed_takes_no_number()
    {
        SampleStudy stale = new();
        await StoreOneAsync(stale);
        SampleStudy open = new();
        await StoreOneAsync(open);
        SampleStudy refused = new();
        SampleStudy good = new();
        InstanceChange impossible = SampleStudy.Instance(refused.Series());
        impossible = impossible with { State = impossible.State with { ObjectLength = -1 } };
        StudyChange conflicting = stale.Change() with { Events = SampleStudy.EventsOf(impossible) };
        conflicting = conflicting with { After = conflicting.After with { Version = 0 } };
        InstanceChange fine = SampleStudy.Instance(good.Series());

        IReadOnlyList<StudyCommitResult> results = await Store.CommitAsync(
            [
                conflicting,
                refused.Store(impossible) with { Events = SampleStudy.EventsOf(impossible) },
                open.Close(new RevisionClaim(open.Key, 0, 1), new byte[1]) with { Events = SampleStudy.EventsOf(impossible) },
                good.Store(fine) with { Events = SampleStudy.EventsOf(fine) },
            ],
            CancellationToken.None);
        await EventsAreNumberedAsync();

        Assert.Equal(
            [StudyCommitResult.VersionConflict, StudyCommitResult.Refused, StudyCommitResult.NotDue, StudyCommitResult.Committed], results);
        Assert.Equal(new EventLogBounds(1, 6), await Events.GetBoundsAsync(CancellationToken.None));
        Assert.Equal(
            [stale.Key, stale.Key, open.Key, open.Key, good.Key, good.Key], (await ReadAsync(0)).Events.Select(logged => logged.Study));
    }

    [Fact]
    public async Task Pages_go_on_behind_each_other()
    {
        SampleStudy study = new();
        for (int number = 0; number < 5; number++)
        {
            await StoreOneAsync(study);
        }

        EventPage first = await ReadAsync(0, limit: 4);
        EventPage second = await ReadAsync(first.Next, limit: 4);
        EventPage third = await ReadAsync(second.Next, limit: 4);

        Assert.Equal([1L, 2L, 3L, 4L], first.Events.Select(logged => logged.Sequence));
        Assert.Equal([5L, 6L, 7L, 8L], second.Events.Select(logged => logged.Sequence));
        Assert.Equal([9L, 10L], third.Events.Select(logged => logged.Sequence));
        Assert.Equal((4L, 8L, 10L), (first.Next, second.Next, third.Next));
        Assert.Equal(new EventLogBounds(1, 10), third.Bounds);
        Assert.Equal((0, 10L), ((await ReadAsync(10)).Events.Count, (await ReadAsync(10)).Next));
        Assert.Equal((0, long.MaxValue), ((await ReadAsync(long.MaxValue)).Events.Count, (await ReadAsync(long.MaxValue)).Next));
    }

    [Fact]
    public async Task A_filter_by_type_advances_over_what_it_leaves_out()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        await StoreOneAsync(study);
        await SettleAsync(study);

        EventPage available = await ReadAsync(0, types: [EventType.DicomAvailable]);
        EventPage both = await ReadAsync(0, types: [EventType.DicomAvailable, EventType.StudyRevision]);
        EventPage limited = await ReadAsync(0, limit: 1, types: [EventType.DicomAvailable]);
        EventPage none = await ReadAsync(2, limit: 1, types: [EventType.StudyRevision]);

        Assert.Equal([2L, 4L], available.Events.Select(logged => logged.Sequence));
        Assert.Equal([2L, 4L, 5L], both.Events.Select(logged => logged.Sequence));
        Assert.Equal((5L, 5L, 2L, 5L), (available.Next, both.Next, limited.Next, none.Next));
    }

    [Fact]
    public async Task Two_storage_spaces_are_told_apart()
    {
        SampleStudy here = new();
        SampleStudy there = new(here.Key with { Provider = new ProviderName("other") });
        await StoreOneAsync(here);
        await StoreOneAsync(there);
        byte[] inHere = await SettleAsync(here);
        await StoreOneAsync(there);
        byte[] inThere = await SettleAsync(there);

        EventPage page = await ReadAsync(0, provider: there.Key.Provider);

        Assert.Equal([3L, 4L, 6L, 7L, 8L], page.Events.Select(logged => logged.Sequence));
        Assert.All(page.Events, logged => Assert.Equal(there.Key, logged.Study));
        Assert.Equal(8, page.Next);
        Assert.Empty((await ReadAsync(0, provider: new ProviderName("nobody"))).Events);
        Assert.Equal(inHere, (await Events.FindRevisionAsync(here.Key, 0, CancellationToken.None))?.ToArray());
        Assert.Equal(inThere, (await Events.FindRevisionAsync(there.Key, 0, CancellationToken.None))?.ToArray());
    }

    [Fact]
    public async Task A_reader_of_rare_events_gets_through_a_long_log()
    {
        SampleStudy study = new();
        InstanceChange instance = SampleStudy.Instance(study.Series());
        EventDraft[] many = [.. Enumerable.Range(0, 4000).SelectMany(_ => SampleStudy.EventsOf(instance))];
        await SaveAsync(study, study.Store(instance) with { Timing = Timing, Events = many });
        await SettleAsync(study);
        List<LoggedEvent> found = [];
        long after = 0;
        for (int reads = 0; after < 8001; reads++)
        {
            EventPage page = await ReadAsync(after, types: [EventType.StudyRevision]);
            Assert.True(page.Next > after && reads < 1000);
            found.AddRange(page.Events);
            after = page.Next;
        }

        Assert.Equal([8001L], found.Select(logged => logged.Sequence));
        Assert.Equal(8001, after);
    }

    [Fact]
    public async Task A_page_of_large_revisions_is_cut_short_and_goes_on()
    {
        List<byte[]> revisions = [];
        for (int number = 0; number < 5; number++)
        {
            SampleStudy study = new();
            await StoreOneAsync(study);
            revisions.Add(await SettleAsync(study, bytes: 2_000_000));
        }

        EventPage page = await ReadAsync(0, types: [EventType.StudyRevision]);
        Assert.InRange(page.Events.Count, 1, 4);
        List<LoggedEvent> events = [.. page.Events];
        while (page.Next < page.Bounds.Latest)
        {
            page = await ReadAsync(page.Next, types: [EventType.StudyRevision]);
            events.AddRange(page.Events);
        }

        Assert.Equal(revisions, events.Select(logged => logged.Content.Data.ToArray()));
    }

    [Fact]
    public async Task The_log_goes_on_after_a_restart()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        string id = Events.LogId;
        await ReopenAsync();

        Assert.Equal(id, Events.LogId);
        await Events.WaitAsync(1, CancellationToken.None);
        await StoreOneAsync(study);

        Assert.Equal(new EventLogBounds(1, 4), await Events.GetBoundsAsync(CancellationToken.None));
    }

    private static void AssertSame(EventDraft expected, EventDraft actual)
    {
        Assert.Equal(expected with { Modalities = [], Data = default }, actual with { Modalities = [], Data = default });
        Assert.Equal(expected.Modalities, actual.Modalities);
        Assert.Equal(expected.Data.ToArray(), actual.Data.ToArray());
    }

    private Task<EventPage> ReadAsync(long after, int limit = 1000, EventType[]? types = null, ProviderName? provider = null)
        => Events.ReadAsync(new EventQuery(after, limit, types ?? [], provider), CancellationToken.None);
}
