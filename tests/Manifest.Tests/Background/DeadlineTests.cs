using ImagingIngestion.Manifest.Background;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Manifest.Tests.Background;

public sealed class DeadlineTests
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _caller = new();

    [Fact]
    public void Work_is_cancelled_when_the_time_is_over()
    {
        using Deadline deadline = new(Length, _time, _caller.Token);

        _time.Advance(Length - TimeSpan.FromMilliseconds(1));
        Assert.Equal((false, false), (deadline.Token.IsCancellationRequested, deadline.HasExpired));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((true, true), (deadline.Token.IsCancellationRequested, deadline.HasExpired));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_caller_that_cancels_is_not_late(bool isCancelledBefore)
    {
        if (isCancelledBefore)
        {
            _caller.Cancel();
        }

        using Deadline deadline = new(Length, _time, _caller.Token);
        _caller.Cancel();

        Assert.Equal((true, false), (deadline.Token.IsCancellationRequested, deadline.HasExpired));
        _time.Advance(Length);
        Assert.False(deadline.HasExpired);
    }

    [Fact]
    public void A_caller_may_cancel_when_the_work_is_done()
    {
        Deadline deadline = new(Length, _time, _caller.Token);
        CancellationToken token = deadline.Token;
        deadline.Dispose();

        _caller.Cancel();
        _time.Advance(Length);

        Assert.False(token.IsCancellationRequested);
    }
}
