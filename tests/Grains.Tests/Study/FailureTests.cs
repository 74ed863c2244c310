using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Grains.Tests.Study;

public sealed class FailureTests
{
    private static readonly StudyKey Key = Arrivals.Study(1);
    private readonly MemoryManifestStore _store = new();

    [Fact]
    public async Task A_store_that_cannot_be_reached_is_told_to_the_caller()
    {
        _store.BeforeCommit.Enqueue(_ => throw new ManifestUnavailableException("locked"));
        await using HostFixture host = await HostFixture.StartAsync(_store);

        await Assert.ThrowsAsync<ManifestUnavailableException>(() => host.StoreAsync(Arrivals.Of(Key, 1)));
        Assert.Equal(StoreAnswer.Kind.Added, (await host.StoreAsync(Arrivals.Of(Key, 1))).Outcome);
    }

    [Fact]
    public async Task While_no_commit_succeeds_the_log_is_not_filled()
    {
        for (int commit = 0; commit < 99; commit++)
        {
            _store.BeforeCommit.Enqueue(_ => throw new ManifestUnavailableException("locked"));
        }

        FakeLogCollector log = new();
        await using HostFixture host = await HostFixture.StartAsync(_store, log: log);
        for (int commit = 0; commit < 99; commit++)
        {
            await Assert.ThrowsAsync<ManifestUnavailableException>(() => host.StoreAsync(Arrivals.Of(Key, 1)));
        }

        Assert.Single(log.Lines(), line => line.Contains("no known outcome", StringComparison.Ordinal));
        Assert.Equal(StoreAnswer.Kind.Added, (await host.StoreAsync(Arrivals.Of(Key, 1))).Outcome);
        _store.BeforeCommit.Enqueue(_ => throw new ManifestUnavailableException("locked"));
        await Assert.ThrowsAsync<ManifestUnavailableException>(() => host.StoreAsync(Arrivals.Of(Key, 2)));
        Assert.Equal(2, log.Lines().Count(line => line.Contains("no known outcome", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task After_a_commit_of_unknown_outcome_the_study_is_loaded_before_it_decides()
    {
        _store.AfterCommit.Enqueue(() => throw new ManifestUnavailableException("connection lost"));
        await using HostFixture host = await HostFixture.StartAsync(_store);
        InstanceArrival arrival = Arrivals.Of(Key, 1);

        await Assert.ThrowsAsync<ManifestUnavailableException>(() => host.StoreAsync(arrival));
        StoreAnswer again = await host.StoreAsync(arrival);

        Assert.Equal(StoreAnswer.Kind.Duplicate, again.Outcome);
        Assert.Equal(arrival.State.Object, again.Committed?.Object);
        Assert.Equal(2, _store.Loads);
        Assert.Equal(1, Assert.Single(_store.Studies).InstanceCount);
    }

    [Fact]
    public async Task Nobody_is_answered_before_the_commit_is_durable()
    {
        _store.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HostFixture host = await HostFixture.StartAsync(_store);

        Task<StoreAnswer> answer = host.StoreAsync(Arrivals.Of(Key, 1));
        await _store.CommitBegan.WaitAsync();
        Assert.False(answer.IsCompleted);
        _store.Hold.SetResult();

        Assert.Equal(StoreAnswer.Kind.Added, (await answer).Outcome);
    }

    [Fact]
    public async Task One_refused_instance_among_many_fails_alone()
    {
        _store.Poison.Add(Arrivals.Sop(13));
        StoreAnswer[] answers = await StoreTogetherAsync(50);

        Assert.Equal(StoreAnswer.Kind.Refused, answers[13].Outcome);
        Assert.Equal(49, answers.Count(answer => answer.Outcome == StoreAnswer.Kind.Added));
        Assert.Equal(49, Assert.Single(_store.Studies, study => study.Key == Key).InstanceCount);
    }

    [Fact]
    public async Task One_instance_that_breaks_the_store_fails_alone_and_with_its_error()
    {
        _store.Bomb.Add(Arrivals.Sop(7));
        await using HostFixture host = await HostFixture.StartAsync(_store);

        Task<StoreAnswer>[] answers = await PostBehindHeldCommitAsync(host, 20);
        Task all = Task.WhenAll(answers);

        await Assert.ThrowsAsync<InvalidOperationException>(() => all);
        Assert.Equal([7], Enumerable.Range(0, 20).Where(index => answers[index].IsFaulted));
        Assert.Equal(19, Assert.Single(_store.Studies, study => study.Key == Key).InstanceCount);
    }

    [Fact]
    public async Task A_caller_that_gives_up_neither_undoes_its_commit_nor_hurts_the_others()
    {
        _store.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HostFixture host = await HostFixture.StartAsync(_store);
        using CancellationTokenSource committing = new();
        using CancellationTokenSource waiting = new();

        Task<StoreAnswer> first = host.StoreAsync(Arrivals.Of(Key, 1), committing.Token);
        await _store.CommitBegan.WaitAsync();
        Task<StoreAnswer> second = host.StoreAsync(Arrivals.Of(Key, 2), waiting.Token);
        Task<StoreAnswer> third = host.StoreAsync(Arrivals.Of(Key, 3));
        await committing.CancelAsync();
        await waiting.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        _store.Hold.SetResult();

        Assert.Equal(StoreAnswer.Kind.Added, (await third).Outcome);
        Assert.Equal([Arrivals.Sop(1), Arrivals.Sop(3)], _store.Instances.Select(row => row.Id.Sop).Order(
            Comparer<SopInstanceUid>.Create((left, right) => string.CompareOrdinal(left.Value, right.Value))));
    }

    [Fact]
    public async Task A_full_mailbox_answers_try_later()
    {
        _store.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HostFixture host = await HostFixture.StartAsync(_store, new GrainOptions { MailboxCapacity = 2 });
        Task<StoreAnswer> running = host.StoreAsync(Arrivals.Of(Key, 0));
        await _store.CommitBegan.WaitAsync();
        Task<StoreAnswer>[] waiting = [host.StoreAsync(Arrivals.Of(Key, 1)), host.StoreAsync(Arrivals.Of(Key, 2))];

        await Assert.ThrowsAsync<GrainOverloadedException>(() => host.StoreAsync(Arrivals.Of(Key, 3)));
        _store.Hold.SetResult();

        Assert.All(await Task.WhenAll([running, .. waiting]), answer => Assert.Equal(StoreAnswer.Kind.Added, answer.Outcome));
    }

    [Fact]
    public async Task A_silo_whose_waiting_calls_take_too_much_memory_answers_try_later()
    {
        _store.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HostFixture host = await HostFixture.StartAsync(_store, new GrainOptions { MaxWaitingBytes = 20_000 });
        Task<StoreAnswer>[] taken =
        [
            host.StoreAsync(Arrivals.Of(Arrivals.Study(1), 1)),
            host.StoreAsync(Arrivals.Of(Arrivals.Study(2), 1))
        ];

        await Assert.ThrowsAsync<GrainOverloadedException>(() => host.StoreAsync(Arrivals.Of(Arrivals.Study(3), 1)));
        _store.Hold.SetResult();
        await Task.WhenAll(taken);
        await host.StopAsync();
    }

    private async Task<StoreAnswer[]> StoreTogetherAsync(int count)
    {
        await using HostFixture host = await HostFixture.StartAsync(_store);
        return await Task.WhenAll(await PostBehindHeldCommitAsync(host, count));
    }

    /// <summary>Posts instances that form one batch, because a commit of the same study is running.</summary>
    private async Task<Task<StoreAnswer>[]> PostBehindHeldCommitAsync(HostFixture host, int count)
    {
        TaskCompletionSource hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.Hold = hold;
        Task<StoreAnswer> held = host.StoreAsync(Arrivals.Of(Arrivals.Study(78), 0));
        await _store.CommitBegan.WaitAsync();
        Task<StoreAnswer> first = host.StoreAsync(Arrivals.Of(Key, 0));
        Task<StoreAnswer>[] answers =
        [
            first,
            .. Enumerable.Range(1, count - 1).Select(instance => host.StoreAsync(Arrivals.Of(Key, instance)))
        ];
        _store.Hold = null;
        hold.SetResult();
        await held;
        return answers;
    }
}
