using ImagingIngestion.Grains;

namespace ImagingIngestion.Silo.Tests;

public sealed class RevisionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("revision-tests-").FullName;
    private readonly SteppedTime _time = new();

    private string Database => Path.Combine(_folder, "manifest.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_study_settles_when_the_delay_after_its_last_change_is_over_and_not_before()
    {
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        await silo.StoreAsync(1, 1);

        await silo.StepAsync(29.9);
        Assert.Empty(await silo.RevisionsAsync());
        Assert.Equal(1, silo.Faults.Commits);
        await silo.StepAsync(0.1);

        AssertAdditions(Assert.Single(await silo.RevisionsAsync(1)).Revision, 0, 1);
    }

    [Fact]
    public async Task A_late_instance_moves_the_due_time()
    {
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        await silo.StoreAsync(1, 1);
        await silo.StepAsync(20);
        await silo.StoreAsync(1, 2);

        await silo.StepAsync(29);
        Assert.Empty(await silo.RevisionsAsync());
        await silo.StepAsync(1);

        AssertAdditions(Assert.Single(await silo.RevisionsAsync(1)).Revision, 0, 1, 2);
    }

    [Fact]
    public async Task An_identical_instance_moves_nothing_and_opens_nothing()
    {
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        await silo.StoreAsync(1, 1);
        await silo.StepAsync(20);
        Assert.Equal(StoreOutcome.Duplicate, (await silo.StoreAsync(1, 1)).Outcome);
        await silo.StepAsync(10);
        Assert.Single(await silo.RevisionsAsync(1));

        Assert.Equal(StoreOutcome.Duplicate, (await silo.StoreAsync(1, 1)).Outcome);
        Assert.Null(await silo.Store.NextDueAsync(CancellationToken.None));
        await silo.StepAsync(300);

        Assert.Single(await silo.RevisionsAsync());
    }

    [Fact]
    public async Task Arrivals_without_an_end_settle_at_the_longest_delay()
    {
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        for (int instance = 1; instance <= 6; instance++)
        {
            await silo.StoreAsync(1, instance);
            await silo.StepAsync(instance == 6 ? 19.9 : 20);
            Assert.Empty(await silo.RevisionsAsync());
        }

        await silo.StepAsync(0.1);

        AssertAdditions(Assert.Single(await silo.RevisionsAsync(1)).Revision, 0, 1, 2, 3, 4, 5, 6);
    }

    [Fact]
    public async Task A_late_instance_after_the_revision_opens_the_next_one()
    {
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        await silo.StoreAsync(1, 1);
        await silo.StepAsync(30);
        await silo.RevisionsAsync(1);
        await silo.StoreAsync(1, 2);
        await silo.StoreAsync(1, 1, "other");

        await silo.StepAsync(30);
        StudyRevisionEvent next = (await silo.RevisionsAsync(2))[1].Revision;

        AssertAdditions(next, 1, 2);
        Assert.Equal(["1.2.3.1/1.2.4.1"], next.ChangeSet.Modifications);
        Assert.Equal(2, next.Study.Series.Single().Instances.Count);
    }

    [Fact]
    public async Task A_deletion_settles_into_a_revision_that_lists_it()
    {
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        await silo.StoreAsync(1, 1);
        await silo.StepAsync(30);
        await silo.RevisionsAsync(1);
        Assert.Equal(1, await silo.Study(1).DeleteAsync(new DeleteRequest(null, null), CancellationToken.None));

        await silo.StepAsync(30);
        StudyRevisionEvent next = (await silo.RevisionsAsync(2))[1].Revision;

        Assert.Equal(["1.2.3.1/1.2.4.1"], next.ChangeSet.Deletions);
        Assert.Empty(next.Study.Series);
        EventPage page = await silo.Store.ReadAsync(new EventQuery(0, 10, [EventType.StudyRevision]), CancellationToken.None);
        Assert.Equal(["CT"], page.Events[1].Content.Modalities);
    }

    [Fact]
    public async Task An_instance_between_claim_and_closing_puts_the_revision_off_until_it_is_due_again()
    {
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        await silo.StoreAsync(1, 1);
        await silo.Time.LoopsWaitAsync(2);
        _time.Advance(TimeSpan.FromSeconds(29));
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        await silo.Time.LoopsWaitAsync(2);

        silo.Faults.FailingClaims = 1;
        _time.Advance(TimeSpan.FromSeconds(1));
        RevisionClaim claim = Assert.Single(await silo.Store.ClaimDueAsync("a silo", TimeSpan.FromSeconds(60), 10, CancellationToken.None));
        await silo.StoreAsync(1, 2);
        Assert.False(await silo.Study(1).ReviseAsync(claim, CancellationToken.None));

        await silo.StepAsync(29);
        Assert.Empty(await silo.RevisionsAsync());
        await silo.StepAsync(1);
        AssertAdditions(Assert.Single(await silo.RevisionsAsync(1)).Revision, 0, 1, 2);
    }

    [Fact]
    public async Task Due_times_outlive_the_process()
    {
        await using (RevisionFixture first = await RevisionFixture.StartAsync(Database, _time))
        {
            await first.StoreAsync(1, 1);
            await first.StoreAsync(2, 1);
            await first.StepAsync(10);
        }

        _time.Advance(TimeSpan.FromHours(1));
        await using RevisionFixture next = await RevisionFixture.StartAsync(Database, _time);

        Assert.Equal([1, 2], (await next.RevisionsAsync(2)).Select(row => row.Study).Order());
        await next.StepAsync(600);
        Assert.Equal(2, (await next.RevisionsAsync()).Count);
    }

    [Fact]
    public async Task The_claim_of_a_dead_process_is_taken_over_when_its_lease_ends_and_is_worth_nothing_then()
    {
        RevisionClaim dead;
        await using (RevisionFixture first = await RevisionFixture.StartAsync(Database, _time))
        {
            await first.StoreAsync(1, 1);
            await first.StopAsync();
            _time.Advance(TimeSpan.FromSeconds(30));
            dead = Assert.Single(await first.Store.ClaimDueAsync("dead", TimeSpan.FromSeconds(60), 10, CancellationToken.None));
        }

        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        await silo.StepAsync(59);
        Assert.Empty(await silo.RevisionsAsync());
        await silo.StepAsync(1);
        Assert.Single(await silo.RevisionsAsync(1));

        Assert.False(await silo.Study(1).ReviseAsync(dead, CancellationToken.None));
        await silo.StoreAsync(1, 2);
        await silo.StepAsync(30);
        Assert.Equal([0, 1], (await silo.RevisionsAsync(2)).Select(row => row.Revision.Revision));
    }

    [Fact]
    public async Task Two_silos_over_one_database_close_every_revision_once()
    {
        const int Studies = 20;
        const int Rounds = 5;
        await using RevisionFixture one = await RevisionFixture.StartAsync(Database, _time);
        await using RevisionFixture other = await RevisionFixture.StartAsync(Database, _time);
        for (int round = 0; round < Rounds; round++)
        {
            int instance = round;
            await Task.WhenAll(Enumerable.Range(0, Studies).Select(study => ((study + instance) % 2 == 0 ? one : other).StoreAsync(study, instance)));
            await one.StepAsync(30, silos: 2);
            await AwaitAsync(one, other, (round + 1) * Studies);
        }

        await one.StepAsync(600, silos: 2);
        ILookup<int, StudyRevisionEvent> revisions = (await one.RevisionsAsync()).ToLookup(row => row.Study, row => row.Revision);
        Assert.Equal(Studies, revisions.Count);
        Assert.All(revisions, study =>
        {
            Assert.Equal(Enumerable.Range(0, Rounds), study.Select(revision => revision.Revision));
            Assert.All(study, revision => AssertAdditions(revision, revision.Revision, revision.Revision));
        });
        Assert.True(one.Faults.Claims > 0 && other.Faults.Claims > 0);
    }

    /// <summary>The signal of a store tells of its own events only.</summary>
    private static async Task AwaitAsync(RevisionFixture one, RevisionFixture other, int count)
    {
        while ((await one.RevisionsAsync()).Count < count)
        {
            EventLogBounds bounds = await one.Store.GetBoundsAsync(CancellationToken.None);
            using CancellationTokenSource either = new(TimeSpan.FromSeconds(1));
            await Task.WhenAny(one.Store.WaitAsync(bounds.Latest, either.Token), other.Store.WaitAsync(bounds.Latest, either.Token));
            await either.CancelAsync();
        }
    }

    private static void AssertAdditions(StudyRevisionEvent revision, int number, params int[] instances)
    {
        Assert.Equal(number, revision.Revision);
        Assert.Equal(instances.Select(instance => $"1.2.3.1/1.2.4.{instance}"), revision.ChangeSet.Additions.Order(StringComparer.Ordinal));
        Assert.Empty(revision.ChangeSet.Deletions);
    }
}
