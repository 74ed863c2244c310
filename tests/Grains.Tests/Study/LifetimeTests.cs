using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Tests.Study;

public sealed class LifetimeTests
{
    private readonly MemoryManifestStore _store = new();

    [Fact]
    public async Task While_one_commit_runs_the_next_group_collects()
    {
        _store.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HostFixture host = await HostFixture.StartAsync(_store, new GrainOptions { GroupSize = 1000 });
        Task<StoreAnswer> first = host.StoreAsync(Arrivals.Of(Arrivals.Study(1000), 1));
        await _store.CommitBegan.WaitAsync();

        Task<StoreAnswer>[] others = [.. Enumerable.Range(0, 200).Select(study => host.StoreAsync(Arrivals.Of(Arrivals.Study(study), 1)))];
        _store.Hold.SetResult();
        await Task.WhenAll([first, .. others]);

        Assert.Equal(201, _store.GroupSizes.Sum());
        Assert.True(_store.GroupSizes.Count < 100, $"{_store.GroupSizes.Count} commits for 201 studies");
    }

    [Fact]
    public async Task A_study_that_left_memory_is_loaded_again_and_goes_on()
    {
        await using HostFixture host = await HostFixture.StartAsync(_store);
        await host.StoreAsync(Arrivals.Of(Arrivals.Study(1), 1));
        await EvictedAsync(host, 0);

        Assert.Equal(StoreAnswer.Kind.Duplicate, (await host.StoreAsync(Arrivals.Of(Arrivals.Study(1), 1))).Outcome);
        Assert.Equal(StoreAnswer.Kind.Added, (await host.StoreAsync(Arrivals.Of(Arrivals.Study(1), 2))).Outcome);
        Assert.Equal(2, Assert.Single(_store.Studies).InstanceCount);
    }

    [Fact]
    public async Task Studies_in_memory_are_bounded_by_their_bytes()
    {
        await using HostFixture host = await HostFixture.StartAsync(_store, new GrainOptions { MaxActivationBytes = 50_000 });
        for (int study = 0; study < 500; study++)
        {
            await host.StoreAsync(Arrivals.Of(Arrivals.Study(study), 1));
        }

        Assert.InRange(host.Directory.Count, 1, 50);
        Assert.Equal(500, _store.Studies.Count);
    }

    [Fact]
    public async Task Eviction_under_load_loses_nothing()
    {
        await using HostFixture host = await HostFixture.StartAsync(_store, new GrainOptions { MaxActivationBytes = 4_000 });

        StoreAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 2000)
            .Select(index => Task.Run(() => host.StoreAsync(Arrivals.Of(Arrivals.Study(index % 40), index)))));

        Assert.All(answers, answer => Assert.Equal(StoreAnswer.Kind.Added, answer.Outcome));
        Assert.All(_store.Studies, study => Assert.Equal(50, study.InstanceCount));
    }

    [Fact]
    public async Task A_stop_commits_and_answers_what_was_taken_in_and_takes_no_more()
    {
        _store.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HostFixture host = await HostFixture.StartAsync(_store);
        Task<StoreAnswer>[] taken =
        [
            .. Enumerable.Range(0, 20).Select(instance => host.StoreAsync(Arrivals.Of(Arrivals.Study(instance % 4), instance)))
        ];
        await _store.CommitBegan.WaitAsync();

        Task stopping = host.StopAsync();
        await Assert.ThrowsAsync<GrainOverloadedException>(() => host.StoreAsync(Arrivals.Of(Arrivals.Study(1), 100)));
        Assert.False(stopping.IsCompleted);
        _store.Hold.SetResult();

        await stopping;
        Assert.All(await Task.WhenAll(taken), answer => Assert.Equal(StoreAnswer.Kind.Added, answer.Outcome));
        Assert.Equal(20, _store.Instances.Count);
    }

    [Fact]
    public async Task A_stop_that_may_not_wait_tells_the_callers_to_send_again()
    {
        _store.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HostFixture host = await HostFixture.StartAsync(_store);
        Task<StoreAnswer> taken = host.StoreAsync(Arrivals.Of(Arrivals.Study(1), 1));
        await _store.CommitBegan.WaitAsync();
        using CancellationTokenSource impatient = new();

        Task stopping = host.StopAsync(impatient.Token);
        await impatient.CancelAsync();

        await stopping;
        await Assert.ThrowsAsync<ManifestUnavailableException>(() => taken);
    }

    [Fact]
    public async Task Deleting_a_study_counts_its_instances_and_leaves_a_tombstone()
    {
        await using HostFixture host = await HostFixture.StartAsync(_store);
        StudyKey key = Arrivals.Study(1);
        await host.StoreAsync(Arrivals.Of(key, 1));
        await host.StoreAsync(Arrivals.Of(key, 2, series: 2));

        Assert.Equal(1, await host.Study(key).DeleteAsync(
            new DeleteRequest(new SeriesInstanceUid("1.2.3.2"), Arrivals.Sop(2)), CancellationToken.None));
        Assert.Equal(1, await host.Study(key).DeleteAsync(new DeleteRequest(null, null), CancellationToken.None));
        Assert.Equal(0, await host.Study(key).DeleteAsync(new DeleteRequest(null, null), CancellationToken.None));

        Assert.Equal((0, 4L), (Assert.Single(_store.Studies).InstanceCount, Assert.Single(_store.Studies).Version));
        Assert.Equal(StoreAnswer.Kind.Added, (await host.StoreAsync(Arrivals.Of(key, 1))).Outcome);
    }

    /// <summary>A batch is answered shortly before its activation is idle: evicts until it is gone.</summary>
    private static async Task EvictedAsync(HostFixture host, int count)
    {
        while (host.Directory.Count > count)
        {
            host.Directory.Evict(TimeSpan.Zero);
            await Task.Yield();
        }
    }
}
