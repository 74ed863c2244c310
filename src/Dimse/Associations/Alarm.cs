namespace ImagingIngestion.Dimse.Associations;

/// <summary>A timer that is set and cleared often: one that was cleared or set again in the meantime does not ring.</summary>
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

    /// <summary>Rings once after this time; never for an infinite one.</summary>
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
