namespace ImagingIngestion.Storage.Sql;

/// <summary>
/// Wakes those who wait for events. All who wait share one completion, so that raising it costs the writer next to nothing while nobody
/// does.
/// </summary>
/// <param name="latest">The number of the last event so far.</param>
internal sealed class EventSignal(long latest)
{
    private readonly Lock _gate = new();
    private long _latest = latest;
    private TaskCompletionSource? _next;

    /// <summary>The number of the last event, as far as it is known.</summary>
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

    /// <summary>
    /// Takes the number that the log itself has told. Less than was known before it was asked means that the log went back, as after a
    /// restore.
    /// </summary>
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

    /// <summary>
    /// Events up to this number are committed, as one of those who look has found; a smaller number than before changes nothing.
    /// </summary>
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

    /// <summary>Null when there is an event behind the number already.</summary>
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
