namespace ImagingIngestion.Ingest.Tests;

public sealed class HeaderBudgetTests
{
    private const long Free = 256 << 10;
    private const long Pool = 1 << 20;

    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);
    private static readonly IngestLimits Limits = new() { FreeHeaderBytes = Free, HeaderPool = Pool };

    private readonly HeaderBudget _budget = new(Limits);

    [Fact]
    public async Task Small_headers_are_free()
    {
        HeaderShare[] shares = [.. Enumerable.Range(0, 100).Select(_ => _budget.Open())];

        Assert.All(await Task.WhenAll(shares.Select(share => share.CoverAsync(Free, CancellationToken.None).AsTask())), Assert.True);
        Assert.True(_budget.TryDraw(Pool));
    }

    [Fact]
    public async Task A_request_that_waits_takes_what_another_returns_to_the_pool()
    {
        using HeaderShare reserve = _budget.Open();
        using HeaderShare first = _budget.Open();
        using HeaderShare second = _budget.Open();
        Assert.True(await first.CoverAsync(Free + Pool, CancellationToken.None));
        Assert.True(await reserve.CoverAsync(100 * Pool, CancellationToken.None));

        Task<bool> waiting = second.CoverAsync(Free + 1, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.True(_budget.IsWanted);

        first.Dispose();
        Assert.True(await waiting.WaitAsync(TestTimeout));
        Assert.False(_budget.IsWanted);
    }

    [Fact]
    public async Task Requests_that_all_hold_part_of_the_pool_and_want_more_are_served_one_after_the_other()
    {
        HeaderShare[] shares = [.. Enumerable.Range(0, 4).Select(_ => _budget.Open())];
        foreach (HeaderShare share in shares)
        {
            Assert.True(await share.CoverAsync(Free + (Pool / 4), CancellationToken.None));
        }

        await Task.WhenAll(shares.Select(async share =>
        {
            Assert.True(await share.CoverAsync(Free + (10 * Pool), CancellationToken.None));
            share.Dispose();
        })).WaitAsync(TestTimeout);

        Assert.True(_budget.TryDraw(Pool));
    }

    [Fact]
    public async Task A_request_that_waits_too_long_is_refused_and_leaves_nothing_behind()
    {
        HeaderBudget budget = new(Limits with { AdmissionWait = TimeSpan.FromMilliseconds(20) });
        using HeaderShare reserve = budget.Open();
        using HeaderShare refused = budget.Open();
        Assert.True(await reserve.CoverAsync(Free + (2 * Pool), CancellationToken.None));

        await Assert.ThrowsAsync<HeaderBudgetException>(
            () => refused.RequireAsync(Free + (2 * Pool), CancellationToken.None).AsTask().WaitAsync(TestTimeout));

        Assert.False(budget.IsWanted);
        reserve.Dispose();
        Assert.True(await refused.CoverAsync(Free + (2 * Pool), CancellationToken.None));
    }

    [Fact]
    public async Task A_request_that_is_cancelled_while_it_waits_leaves_nothing_behind()
    {
        using HeaderShare reserve = _budget.Open();
        using HeaderShare cancelled = _budget.Open();
        using CancellationTokenSource stop = new();
        Assert.True(await reserve.CoverAsync(Free + (2 * Pool), CancellationToken.None));
        Task<bool> waiting = cancelled.CoverAsync(Free + (2 * Pool), stop.Token).AsTask();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TestTimeout));
        Assert.False(_budget.IsWanted);
    }

    [Fact]
    public async Task A_reader_that_is_slow_loses_its_answer_when_another_request_waits()
    {
        HeaderBudget budget = new(Limits with { HeaderHoldTime = TimeSpan.FromMilliseconds(60) });
        using HeaderShare slow = budget.Open();
        using HeaderShare waiting = budget.Open();
        Assert.True(await slow.CoverAsync(Free + (2 * Pool), CancellationToken.None));
        TaskCompletionSource never = new();
        Task sending = slow.SendAsync(token => never.Task.WaitAsync(token), CancellationToken.None);

        Task<bool> wanted = waiting.CoverAsync(Free + (2 * Pool), CancellationToken.None).AsTask();

        await Assert.ThrowsAsync<HeaderBudgetException>(() => sending.WaitAsync(TestTimeout));
        slow.Dispose();
        Assert.True(await wanted.WaitAsync(TestTimeout));
    }

    [Fact]
    public async Task A_reader_that_holds_nothing_beyond_what_is_free_may_be_slow()
    {
        HeaderBudget budget = new(Limits with { HeaderHoldTime = TimeSpan.FromMilliseconds(60) });
        using HeaderShare patient = budget.Open();
        using HeaderShare slow = budget.Open();
        using HeaderShare waiting = budget.Open();
        Assert.True(await patient.CoverAsync(Free, CancellationToken.None));
        Assert.True(await slow.CoverAsync(Free + (2 * Pool), CancellationToken.None));
        TaskCompletionSource sent = new();
        Task free = patient.SendAsync(token => sent.Task.WaitAsync(token), CancellationToken.None);
        Task sending = slow.SendAsync(token => new TaskCompletionSource().Task.WaitAsync(token), CancellationToken.None);
        Task<bool> wanted = waiting.CoverAsync(Free + (2 * Pool), CancellationToken.None).AsTask();

        await Assert.ThrowsAsync<HeaderBudgetException>(() => sending.WaitAsync(TestTimeout));
        sent.SetResult();

        await free.WaitAsync(TestTimeout);
        slow.Dispose();
        Assert.True(await wanted.WaitAsync(TestTimeout));
    }
}
