using ImagingIngestion.Bindings.Grain;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Bindings.Tests.Grain;

public sealed class CircuitBreakerTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly CircuitBreaker _breaker;

    public CircuitBreakerTests()
        => _breaker = new CircuitBreaker(
            new RetryOptions { BreakAfter = 3, FirstBreak = TimeSpan.FromSeconds(2), MaxBreak = TimeSpan.FromSeconds(5) }, _time);

    [Fact]
    public void It_opens_after_faults_in_a_row_only()
    {
        Assert.False(_breaker.Fail(null));
        Assert.False(_breaker.Fail(null));
        Assert.False(_breaker.Succeed());
        Assert.False(_breaker.Fail(null));
        Assert.False(_breaker.Fail(null));
        Assert.True(_breaker.Fail(null));
        Assert.Equal(TimeSpan.FromSeconds(2), _breaker.Remaining);
    }

    [Fact]
    public void Breaks_grow_while_trials_fail_up_to_the_longest()
    {
        Open();
        Assert.Equal([2.0, 4.0, 5.0, 5.0], new[] { 0, 1, 2, 3 }.Select(_ =>
        {
            double length = _breaker.Remaining.TotalSeconds;
            _time.Advance(_breaker.Remaining);
            Assert.True(_breaker.IsTripped);
            Assert.True(_breaker.Fail(null));
            return length;
        }));
    }

    [Fact]
    public void A_trial_that_succeeds_closes_it_and_breaks_are_short_again()
    {
        Open();
        _time.Advance(_breaker.Remaining);
        _breaker.Fail(null);
        _time.Advance(_breaker.Remaining);

        Assert.True(_breaker.Succeed());
        Assert.False(_breaker.IsTripped);
        Open();
        Assert.Equal(TimeSpan.FromSeconds(2), _breaker.Remaining);
    }

    [Fact]
    public void Calls_from_before_the_break_change_nothing_of_it()
    {
        Open();

        Assert.False(_breaker.Fail(null));
        Assert.False(_breaker.Succeed());
        Assert.Equal(TimeSpan.FromSeconds(2), _breaker.Remaining);
    }

    [Fact]
    public void A_target_that_asks_to_wait_is_left_alone_at_once_and_for_as_long_as_it_asks()
    {
        Assert.True(_breaker.Fail(TimeSpan.FromSeconds(4)));
        Assert.Equal(TimeSpan.FromSeconds(4), _breaker.Remaining);
        _time.Advance(_breaker.Remaining);

        Assert.True(_breaker.Fail(TimeSpan.FromMinutes(40)));
        Assert.Equal(TimeSpan.FromMinutes(40), _breaker.Remaining);
        _time.Advance(_breaker.Remaining);

        Assert.True(_breaker.Succeed());
    }

    private void Open()
    {
        _breaker.Fail(null);
        _breaker.Fail(null);
        Assert.True(_breaker.Fail(null));
    }
}
