namespace ImagingIngestion.Storage.TestKit;

/// <summary>How a caller waits for events.</summary>
public abstract class EventWaitConformance : RevisionSteps
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_wait_for_what_is_there_returns_at_once()
    {
        await StoreOneAsync(new SampleStudy());

        await Events.WaitAsync(1, CancellationToken.None).WaitAsync(TestTimeout);
    }

    [Fact]
    public async Task All_who_wait_hear_of_the_next_commit()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        Task[] waiting = [.. Enumerable.Range(0, 500).Select(_ => Events.WaitAsync(2, CancellationToken.None))];
        Assert.All(waiting, task => Assert.False(task.IsCompleted));

        await StoreOneAsync(study);

        await Task.WhenAll(waiting).WaitAsync(TestTimeout);
    }

    [Fact]
    public async Task A_wait_goes_on_until_its_number_is_passed()
    {
        SampleStudy study = new();
        Task third = Events.WaitAsync(2, CancellationToken.None);
        Task first = Events.WaitAsync(0, CancellationToken.None);

        await StoreOneAsync(study);
        await first.WaitAsync(TestTimeout);

        Assert.False(third.IsCompleted);
        await StoreOneAsync(study);
        await third.WaitAsync(TestTimeout);
    }

    [Fact]
    public async Task A_commit_without_events_wakes_nobody()
    {
        SampleStudy study = new();
        await StoreOneAsync(study);
        Task waiting = Events.WaitAsync(2, CancellationToken.None);

        await SaveAsync(study, study.Change());

        Assert.False(waiting.IsCompleted);
        await SettleAsync(study);
        await waiting.WaitAsync(TestTimeout);
    }

    [Fact]
    public async Task A_wait_ends_when_it_is_cancelled()
    {
        using CancellationTokenSource cancellation = new();
        Task waiting = Events.WaitAsync(0, cancellation.Token);
        Task other = Events.WaitAsync(0, CancellationToken.None);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await StoreOneAsync(new SampleStudy());
        await other.WaitAsync(TestTimeout);
    }
}
