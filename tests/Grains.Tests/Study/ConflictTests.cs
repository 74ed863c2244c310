using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Tests.Study;

public sealed class ConflictTests
{
    private static readonly StudyKey Key = Arrivals.Study(1);
    private readonly MemoryManifestStore _store = new();

    [Fact]
    public async Task Parallel_writers_on_one_new_study_make_one_study_and_lose_nothing()
    {
        await using HostFixture host = await HostFixture.StartAsync(_store);

        StoreAnswer[] answers =
            await Task.WhenAll(Enumerable.Range(0, 32).Select(writer => Task.Run(() => host.StoreAsync(Arrivals.Of(Key, writer)))));

        Assert.All(answers, answer => Assert.Equal(StoreAnswer.Kind.Added, answer.Outcome));
        Assert.Equal(32, Assert.Single(_store.Studies).InstanceCount);
        Assert.Equal(32, _store.Instances.Count);
    }

    [Fact]
    public async Task Two_silos_that_both_host_a_study_lose_nothing()
    {
        GrainOptions options = new() { MaxAttempts = 1000, BatchSize = 4 };
        await using HostFixture one = await HostFixture.StartAsync(_store, options);
        await using HostFixture other = await HostFixture.StartAsync(_store, options);

        StoreAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 64)
            .Select(writer => Task.Run(() => (writer % 2 == 0 ? one : other).StoreAsync(Arrivals.Of(Key, writer / 2)))));

        Assert.Equal(32, answers.Count(answer => answer.Outcome == StoreAnswer.Kind.Added));
        Assert.Equal(32, answers.Count(answer => answer.Outcome == StoreAnswer.Kind.Duplicate));
        Assert.Equal(32, Assert.Single(_store.Studies).InstanceCount);
        Assert.Equal(32, _store.Instances.Count);
    }

    [Fact]
    public async Task A_conflict_reloads_the_study_and_decides_again()
    {
        _store.BeforeCommit.Enqueue(_ => _store.CountVersionUp(Key));
        await using HostFixture host = await HostFixture.StartAsync(_store);

        StoreAnswer answer = await host.StoreAsync(Arrivals.Of(Key, 1));

        Assert.Equal(StoreAnswer.Kind.Added, answer.Outcome);
        Assert.Equal(2, Assert.Single(_store.Studies).Version);
        Assert.Equal(2, _store.Loads);
    }

    [Fact]
    public async Task Endless_conflicts_end_in_an_error_that_asks_to_send_again()
    {
        for (int attempt = 0; attempt < 3; attempt++)
        {
            _store.BeforeCommit.Enqueue(_ => _store.CountVersionUp(Key));
        }

        await using HostFixture host = await HostFixture.StartAsync(_store, new GrainOptions { MaxAttempts = 3 });

        await Assert.ThrowsAsync<ManifestUnavailableException>(() => host.StoreAsync(Arrivals.Of(Key, 1)));
        Assert.Empty(_store.Instances);
        Assert.Equal(StoreAnswer.Kind.Added, (await host.StoreAsync(Arrivals.Of(Key, 1))).Outcome);
    }

    [Fact]
    public async Task A_conflict_of_one_study_leaves_the_others_of_its_group_alone()
    {
        _store.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HostFixture host = await HostFixture.StartAsync(_store);
        Task<StoreAnswer> first = host.StoreAsync(Arrivals.Of(Arrivals.Study(99), 1));
        await _store.CommitBegan.WaitAsync();
        Task<StoreAnswer>[] answers =
        [
            .. Enumerable.Range(1, 8).Select(study => host.StoreAsync(Arrivals.Of(Arrivals.Study(study), study)))
        ];
        bool conflicted = false;
        void ConflictOnce(IReadOnlyList<StudyChange> group)
        {
            if (!conflicted && group.Any(change => change.After.Key == Key))
            {
                conflicted = true;
                _store.CountVersionUp(Key);
            }
        }

        for (int commit = 0; commit < 9; commit++)
        {
            _store.BeforeCommit.Enqueue(ConflictOnce);
        }

        _store.Hold.SetResult();

        Assert.All(await Task.WhenAll([first, .. answers]), answer => Assert.Equal(StoreAnswer.Kind.Added, answer.Outcome));
        Assert.True(conflicted);
        Assert.Equal(10, _store.Loads);
        Assert.Equal(9, _store.Instances.Count);
    }
}
