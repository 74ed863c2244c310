namespace ImagingIngestion.Grains.Study;

/// <summary>Bounds what all waiting calls of the silo hold in memory, and knows when none is left.</summary>
/// <param name="maxBytes">The most bytes; one call may be larger when it is alone.</param>
internal sealed class TurnBudget(long maxBytes)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;
    private int _turns;
    private bool _isClosed;

    /// <summary>Takes a call in; false when there is no room or the silo stops.</summary>
    public bool TryTake(long bytes)
    {
        lock (_gate)
        {
            if (_isClosed || (_turns > 0 && _bytes + bytes > maxBytes))
            {
                return false;
            }

            _turns++;
            _bytes += bytes;
            return true;
        }
    }

    /// <summary>The call was answered.</summary>
    public void Return(long bytes)
    {
        lock (_gate)
        {
            _turns--;
            _bytes -= bytes;
            SignalWhenDrained();
        }
    }

    /// <summary>Takes no more calls; completes when all are answered.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _isClosed = true;
            SignalWhenDrained();
        }

        return _drained.Task.WaitAsync(cancellationToken);
    }

    private void SignalWhenDrained()
    {
        if (_isClosed && _turns == 0)
        {
            _drained.TrySetResult();
        }
    }
}
