namespace ImagingIngestion.Storage.Sql;

/// <summary>Wakes callers that wait for events.</summary>
/// <remarks>All of them share one completion, so that raising the signal costs the writer next to nothing while nobody waits.</remarks>
/// <param name="latest">The number of the last event so far.</param>
internal sealed class EventSignal(long latest)
{
    private readonly Lock _gate = new();
    private long _latest = latest;
    private TaskCompletionSource? _next;

    /// <summary>The number of the last known event.</summary>
    public long Latest
    {
        get
        {
            lock (_gate)
            {
                return _latest;
            }
        }
    }

    /// <summary>Takes the number that the log itself reports.</summary>
    /// <remarks>If it is less than the number known before the question, the log went back, as after a restore.</remarks>
    public void Follow(long knownBefore, long latest)
    {
        lock (_gate)
        {
            if (latest < knownBefore)
            {
                _latest = latest;
                return;
            }
        }

        Raise(latest);
    }

    /// <summary>Notes that events up to this number are committed.</summary>
    /// <remarks>A smaller number than before changes nothing: several callers look at the log at the same time.</remarks>
    public void Raise(long latest)
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            if (latest <= _latest)
            {
                return;
            }

            _latest = latest;
            waiting = _next;
            _next = null;
        }

        waiting?.SetResult();
    }

    public async Task WaitAsync(long after, CancellationToken cancellationToken)
    {
        while (NextOrNull(after) is { } next)
        {
            await next.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Returns null if there already is an event after the number.</summary>
    private TaskCompletionSource? NextOrNull(long after)
    {
        lock (_gate)
        {
            if (_latest > after)
            {
                return null;
            }

            return _next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
