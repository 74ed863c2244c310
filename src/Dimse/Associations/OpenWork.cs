namespace ImagingIngestion.Dimse.Associations;

/// <summary>
/// Counts what goes on on an association: operations of both sides, and a message that is being received. Without any it may idle for a
/// while.
/// </summary>
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

    /// <summary>How long nothing has gone on; null while something does.</summary>
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

    /// <summary>Waits until nothing goes on.</summary>
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
