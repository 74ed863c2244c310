using ImagingIngestion.Options;

namespace ImagingIngestion.Bindings.Grain;

/// <summary>
/// Leaves a target alone that does not work: after some failed calls in a row for a while, then one small call tries it. While that fails,
/// the breaks grow. A target that asks to wait is left alone at once, for as long as it asks. Used by one loop, calls of which may be on their way when it opens.
/// </summary>
internal sealed class CircuitBreaker(RetryOptions options, TimeProvider time)
{
    private const int MostDoublings = 20;

    private int _faults;
    private int _breaks;
    private DateTimeOffset? _opensUntil;

    /// <summary>No call may go before <see cref="Remaining"/> is over; the next one is a trial.</summary>
    public bool IsTripped => _opensUntil is not null;

    /// <summary>How long no call may go.</summary>
    public TimeSpan Remaining
        => _opensUntil is { } until && until - time.GetUtcNow() is { Ticks: > 0 } rest ? rest : TimeSpan.Zero;

    /// <summary>The target has answered. True when that ends a break; answers to calls from before the break do not.</summary>
    public bool Succeed()
    {
        if (Remaining > TimeSpan.Zero)
        {
            return false;
        }

        bool wasTripped = IsTripped;
        _faults = 0;
        _breaks = 0;
        _opensUntil = null;
        return wasTripped;
    }

    /// <summary>A call found the target not working. True when that begins a break.</summary>
    /// <param name="retryAfter">How long the target asks to wait, if it does.</param>
    public bool Fail(TimeSpan? retryAfter)
    {
        bool asksToWait = retryAfter > TimeSpan.Zero;
        if (Remaining > TimeSpan.Zero || (!IsTripped && ++_faults < options.BreakAfter && !asksToWait))
        {
            return false;
        }

        TimeSpan grown = options.FirstBreak * Math.Pow(2, Math.Min(_breaks++, MostDoublings));
        TimeSpan own = grown < options.MaxBreak ? grown : options.MaxBreak;
        _opensUntil = time.GetUtcNow() + (asksToWait && (own < retryAfter || !IsTripped) ? retryAfter!.Value : own);
        return true;
    }
}
