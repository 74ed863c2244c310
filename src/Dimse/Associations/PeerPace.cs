namespace ImagingIngestion.Dimse.Associations;

/// <summary>Measures how fast a peer sends or takes bytes, over a window and only while this side waits for it.</summary>
/// <remarks>Time that this side spends on its own disk or database says nothing about the peer.</remarks>
public sealed class PeerPace(TimeSpan window, long leastPerSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _begin = time.GetTimestamp();
    private long _waitingSince;
    private TimeSpan _waited;
    private long _bytes;
    private int _waits;
    private bool _wasSlow;

    /// <summary>True if this side waits for a peer that was below the minimum rate for a whole window and still is.</summary>
    public bool IsSlow
    {
        get
        {
            lock (_gate)
            {
                TimeSpan waited = Waited();
                bool isWhole = time.GetElapsedTime(_begin) >= window;
                return _waits > 0 && (isWhole || _wasSlow) && IsBelow(waited, isWhole ? window : TimeSpan.Zero);
            }
        }
    }

    /// <summary>Bytes per second in the current window.</summary>
    public double Rate
    {
        get
        {
            lock (_gate)
            {
                return _bytes / Math.Max(Waited().TotalSeconds, 0.001);
            }
        }
    }

    /// <summary>Forgets the past, because something new begins.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            Begin(wasSlow: false);
        }
    }

    /// <summary>Begins a wait for the peer.</summary>
    public void BeginWait()
    {
        lock (_gate)
        {
            Turn();
            if (_waits++ == 0)
            {
                _waitingSince = time.GetTimestamp();
            }
        }
    }

    /// <summary>Ends a wait for the peer.</summary>
    public void EndWait()
    {
        lock (_gate)
        {
            if (--_waits == 0)
            {
                _waited += time.GetElapsedTime(_waitingSince);
            }

            Turn();
        }
    }

    /// <summary>Counts bytes that the peer sent or accepted.</summary>
    public void Add(long bytes)
    {
        lock (_gate)
        {
            _bytes += bytes;
        }
    }

    /// <summary>Begins a new window if the current one is over.</summary>
    private void Turn()
    {
        if (time.GetElapsedTime(_begin) >= window)
        {
            Begin(IsBelow(Waited(), window));
        }
    }

    private void Begin(bool wasSlow)
    {
        _wasSlow = wasSlow;
        _begin = time.GetTimestamp();
        _waitingSince = _begin;
        _waited = TimeSpan.Zero;
        _bytes = 0;
    }

    private TimeSpan Waited() => _waits > 0 ? _waited + time.GetElapsedTime(_waitingSince) : _waited;

    /// <summary>Returns whether the peer was too slow.</summary>
    /// <remarks>If this side waited for the peer during less than half of a window, something else was slow.</remarks>
    private bool IsBelow(TimeSpan waited, TimeSpan whole)
        => waited > TimeSpan.Zero && waited >= whole / 2 && _bytes < leastPerSecond * waited.TotalSeconds;
}
