using ImagingIngestion.Grains.Revisions;
using ImagingIngestion.Tests;
namespace ImagingIngestion.Grains.Tests.Revisions;

public sealed class SchedulerFaultTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("revision-tests-").FullName;
    private readonly SteppedTime _time = new();

    private string Database => Path.Combine(_folder, "manifest.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_outage_of_the_store_delays_revisions_and_loses_none()
    {
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        await silo.StoreAsync(1, 1);
        await _time.LoopsWaitAsync(2);
        silo.Faults.FailingClaims = 12;

        Assert.Single(await silo.StepUntilRevisedAsync());
        Assert.Equal(0, silo.Faults.FailingClaims);
    }

    [Fact]
    public async Task A_closing_that_the_store_could_not_take_is_tried_again_while_its_claim_holds()
    {
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        await silo.StoreAsync(1, 1);
        await _time.LoopsWaitAsync(2);
        silo.Faults.FailingCommits = 3;
        await silo.StepAsync(30);
        for (int failed = 1; failed <= 3; failed++)
        {
            // Besides the silo's own loops the closing waits for its next attempt.
            await _time.LoopsWaitAsync(3);
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Single(await silo.RevisionsAsync(1));
        Assert.Equal(5, silo.Faults.Commits);
    }

    [Fact]
    public async Task A_closing_that_fails_until_its_claim_ends_is_claimed_anew()
    {
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        await silo.StoreAsync(1, 1);
        await _time.LoopsWaitAsync(2);
        silo.Faults.FailingCommits = int.MaxValue;
        for (int second = 0; second < 120; second++)
        {
            await silo.StepAsync(1);
        }

        Assert.Empty(await silo.RevisionsAsync());
        silo.Faults.FailingCommits = 0;
        Assert.Single(await silo.StepUntilRevisedAsync());
    }

    [Fact]
    public async Task A_silo_that_stops_finishes_the_closing_that_has_begun()
    {
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        await silo.StoreAsync(1, 1);
        await silo.Faults.CommitBegan.WaitAsync();
        await _time.LoopsWaitAsync(2);
        TaskCompletionSource hold = new();
        silo.Faults.Hold = hold.Task;
        await silo.StepAsync(30);
        await silo.Faults.CommitBegan.WaitAsync();

        Task stopping = silo.StopAsync();
        Assert.False(stopping.IsCompleted);
        hold.SetResult();
        await stopping;

        Assert.Single(await silo.RevisionsAsync());
    }

    [Fact]
    public async Task Many_due_revisions_are_closed_a_few_at_a_time()
    {
        const int Studies = 40;
        await using RevisionFixture silo = await RevisionFixture.StartAsync(Database, _time);
        await Task.WhenAll(Enumerable.Range(0, Studies).Select(study => silo.StoreAsync(study, 1)));
        await _time.LoopsWaitAsync(2);
        int commits = silo.Faults.Commits;

        await silo.StepAsync(30);
        Assert.Equal(Studies, (await silo.RevisionsAsync(Studies)).Select(row => row.Study).Distinct().Count());

        Assert.InRange(silo.Faults.Commits - commits, Studies / new RevisionOptions().Concurrency, Studies);
    }
}
