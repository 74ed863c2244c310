namespace ImagingIngestion.Dimse.Associations;

/// <summary>A timer for frequent setting and clearing: it does not ring if it was cleared or set again in the meantime.</summary>
internal sealed class Alarm : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Action _ring;
    private readonly ITimer _timer;
    private TimeSpan _span = Timeout.InfiniteTimeSpan;
    private long _since;
    private bool _isDisposed;

    public Alarm(TimeProvider time, Action ring)
    {
        _time = time;
        _ring = ring;
        _timer = time.CreateTimer(static state => ((Alarm)state!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Rings once after this time; an infinite time never rings.</summary>
    public void Set(TimeSpan span)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _span = span;
            _since = _time.GetTimestamp();
            _timer.Change(span, Timeout.InfiniteTimeSpan);
        }
    }

    public void Clear() => Set(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _span = Timeout.InfiniteTimeSpan;
        }

        _timer.Dispose();
    }

    private void OnDue()
    {
        lock (_gate)
        {
            if (_span == Timeout.InfiniteTimeSpan)
            {
                return;
            }

            TimeSpan left = _span - _time.GetElapsedTime(_since);
            if (left > TimeSpan.Zero)
            {
                _timer.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }

            _span = Timeout.InfiniteTimeSpan;
        }

        _ring();
    }
}

/// <summary>A token that is cancelled when the time is over, or when one of the given tokens is.</summary>
/// <remarks>
/// Every project that knows the manifest uses its <c>Deadline</c>. This project knows only <c>Dicom</c>, the room of data sets.
/// </remarks>
internal sealed class TimeLimit : IDisposable
{
    private readonly CancellationTokenSource _clock;
    private readonly CancellationTokenSource _any;

    public TimeLimit(TimeSpan timeout, TimeProvider time, params ReadOnlySpan<CancellationToken> tokens)
    {
        _clock = new CancellationTokenSource(timeout, time);
        _any = CancellationTokenSource.CreateLinkedTokenSource([_clock.Token, .. tokens]);
    }

    public CancellationToken Token => _any.Token;

    public void Dispose()
    {
        _any.Dispose();
        _clock.Dispose();
    }
}
