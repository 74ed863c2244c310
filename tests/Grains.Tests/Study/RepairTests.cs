using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Storage.Sqlite;

namespace ImagingIngestion.Grains.Tests.Study;

/// <summary>Repairs through batches, group commits, conflicts and lost answers.</summary>
public sealed class RepairTests
{
    private static readonly StudyKey Key = Arrivals.Study(1);
    private readonly MemoryManifestStore _store = new();

    [Fact]
    public async Task Of_many_gateways_that_repair_at_once_one_wins_and_the_others_are_told_of_its_object()
    {
        string folder = Directory.CreateTempSubdirectory("silo-tests-").FullName;
        await using (SqliteManifestStore store = SqliteManifestStore.Open(Path.Combine(folder, "manifest.db"), TimeProvider.System))
        {
            GrainOptions options = new() { MaxAttempts = 1000, BatchSize = 4 };
            await using HostFixture one = await HostFixture.StartAsync(store, options);
            await using HostFixture other = await HostFixture.StartAsync(store, options);
            InstanceArrival first = Arrivals.Of(Key, 1);
            await one.StoreAsync(first);

            StoreAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 32)
                .Select(gateway => Task.Run(() => (gateway % 2 == 0 ? one : other).StoreAsync(Repair(first, $"{gateway}")))));

            InstanceState repaired = Assert.Single(await store.ListInstancesAsync(Key, null, CancellationToken.None));
            Assert.NotEqual(first.State.Object, repaired.Object);
            Assert.Equal(first.State with { Object = repaired.Object }, repaired);
            Assert.Single(answers, answer => answer.Outcome == StoreAnswer.Kind.Repaired);
            Assert.Equal(31, answers.Count(answer => answer.Outcome == StoreAnswer.Kind.Duplicate));
            Assert.All(answers, answer => Assert.Equal(repaired.Object, answer.Committed!.Object));
            Assert.Equal(2, (await store.LoadStudyAsync(Key, CancellationToken.None))!.Version);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_repair_whose_answer_was_lost_is_told_of_its_own_object_when_it_is_called_again()
    {
        await using HostFixture host = await HostFixture.StartAsync(_store);
        InstanceArrival first = Arrivals.Of(Key, 1);
        await host.StoreAsync(first);
        InstanceArrival repair = Repair(first, "b");
        _store.AfterCommit.Enqueue(() => throw new ManifestUnavailableException("connection lost"));

        await Assert.ThrowsAsync<ManifestUnavailableException>(() => host.StoreAsync(repair));
        StoreAnswer again = await host.StoreAsync(repair);

        Assert.Equal((StoreAnswer.Kind.Duplicate, repair.State.Object), (again.Outcome, again.Committed!.Object));
        Assert.Equal(repair.State.Object, Assert.Single(_store.Instances).Object);
    }

    [Fact]
    public async Task A_repair_that_meets_a_conflict_is_decided_again()
    {
        await using HostFixture host = await HostFixture.StartAsync(_store);
        InstanceArrival first = Arrivals.Of(Key, 1);
        await host.StoreAsync(first);
        InstanceArrival repair = Repair(first, "b");
        _store.BeforeCommit.Enqueue(_ => _store.CountVersionUp(Key));

        Assert.Equal(StoreAnswer.Kind.Repaired, (await host.StoreAsync(repair)).Outcome);
        Assert.Equal(repair.State.Object, Assert.Single(_store.Instances).Object);
    }

    [Fact]
    public async Task Repairs_and_other_turns_of_one_study_are_one_commit_and_each_caller_hears_its_own_answer()
    {
        await using HostFixture host = await HostFixture.StartAsync(_store);
        InstanceArrival first = Arrivals.Of(Key, 1);
        await host.StoreAsync(first);
        await _store.CommitBegan.WaitAsync();
        _store.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        StudyChange[] changes = [];
        _store.BeforeCommit.Enqueue(null);
        _store.BeforeCommit.Enqueue(group => changes = [.. group]);
        Task<StoreAnswer> busy = host.StoreAsync(Arrivals.Of(Key, 2));
        await _store.CommitBegan.WaitAsync();

        InstanceArrival repair = Repair(first, "b");
        Task<StoreAnswer>[] answers =
        [
            host.StoreAsync(repair),
            host.StoreAsync(Repair(first, "c")),
            host.StoreAsync(Arrivals.Of(Key, 3)),
        ];
        _store.Hold.SetResult();
        await busy;

        Assert.Equal(
            [StoreAnswer.Kind.Repaired, StoreAnswer.Kind.Duplicate, StoreAnswer.Kind.Added],
            (await Task.WhenAll(answers)).Select(answer => answer.Outcome));
        Assert.Equal(repair.State.Object, (await answers[1]).Committed!.Object);
        StudyChange change = Assert.Single(changes);
        Assert.Equal([first.State.Object], change.DroppedObjects);
        Assert.NotNull(change.Timing);
        Assert.Equal(3, _store.Instances.Count);
    }

    private static InstanceArrival Repair(InstanceArrival first, string attempt)
        => first with
        {
            State = first.State with { Object = new ObjectKey($"p/repaired-{attempt}.dcm") },
            DamagedObject = first.State.Object
        };
}
