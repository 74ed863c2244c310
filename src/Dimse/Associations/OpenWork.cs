namespace ImagingIngestion.Dimse.Associations;

/// <summary>Counts the work on an association: operations of both sides, and a message that is being received.</summary>
/// <remarks>Without work the association may be idle for a limited time.</remarks>
internal sealed class OpenWork : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Alarm _idle;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private TaskCompletionSource? _none;
    private long _idleSince;
    private int _count;

    public OpenWork(TimeSpan timeout, TimeProvider time, Action onIdle)
    {
        _timeout = timeout;
        _time = time;
        _idleSince = time.GetTimestamp();
        _idle = new Alarm(time, onIdle);
        _idle.Set(timeout);
    }

    public bool IsAny
    {
        get
        {
            lock (_gate)
            {
                return _count > 0;
            }
        }
    }

    /// <summary>The time since the last work; null while there is work.</summary>
    public TimeSpan? Idle
    {
        get
        {
            lock (_gate)
            {
                return _count > 0 ? null : _time.GetElapsedTime(_idleSince);
            }
        }
    }

    public void Enter()
    {
        lock (_gate)
        {
            if (_count++ == 0)
            {
                _idle.Clear();
            }
        }
    }

    public void Exit()
    {
        lock (_gate)
        {
            if (--_count == 0)
            {
                _idleSince = _time.GetTimestamp();
                _idle.Set(_timeout);
                _none?.TrySetResult();
                _none = null;
            }
        }
    }

    /// <summary>Waits until there is no work.</summary>
    public Task WhenNoneAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_count == 0)
            {
                return Task.CompletedTask;
            }

            _none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _none.Task.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => _idle.Dispose();
}
