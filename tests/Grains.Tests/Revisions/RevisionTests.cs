using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Grains.Tests.Revisions;

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
        Assert.Equal(StoreAnswer.Kind.Duplicate, (await silo.StoreAsync(1, 1)).Outcome);
        await silo.StepAsync(10);
        Assert.Single(await silo.RevisionsAsync(1));

        Assert.Equal(StoreAnswer.Kind.Duplicate, (await silo.StoreAsync(1, 1)).Outcome);
        Assert.Null(await silo.Store.Revisions.NextDueAsync(CancellationToken.None));
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
        EventPage page = await silo.Store.Events.ReadAsync(new EventQuery(0, 10, [EventType.StudyRevision]), CancellationToken.None);
        Assert.Equal(["CT"], page.Events[1].Content.Modalities);
    }

    [Fact]
    public async Task An_instance_between_claim_and_closing_puts_the_revision_off_until_it_is_due_again()
    {
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        await silo.StoreAsync(1, 1);
        await silo.StepAsync(29);
        silo.Faults.FailingClaims = 1;
        await silo.StepAsync(1);
        Assert.Equal(0, silo.Faults.FailingClaims);
        RevisionClaim claim = Assert.Single(
            await silo.Store.Revisions.ClaimDueAsync("a silo", TimeSpan.FromSeconds(60), 10, CancellationToken.None));
        await silo.StoreAsync(1, 2);
        Assert.False(await silo.Study(1).ReviseAsync(claim, CancellationToken.None));

        await silo.StepAsync(29);
        Assert.Empty(await silo.RevisionsAsync());
        await silo.StepAsync(1.1);
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
            dead = Assert.Single(await first.Store.Revisions.ClaimDueAsync("dead", TimeSpan.FromSeconds(60), 10, CancellationToken.None));
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

    private static void AssertAdditions(StudyRevisionEvent revision, int number, params int[] instances)
    {
        Assert.Equal(number, revision.Revision);
        Assert.Equal(instances.Select(instance => $"1.2.3.1/1.2.4.{instance}"), revision.ChangeSet.Additions.Order(StringComparer.Ordinal));
        Assert.Empty(revision.ChangeSet.Deletions);
    }
}
