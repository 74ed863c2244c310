using ImagingIngestion.Gateways.Cluster;

namespace ImagingIngestion.Silo.Cluster;

/// <summary>Lets calls in within the bounds of the silo, until it leaves; knows when none is left.</summary>
internal sealed class CallAdmission(ClusterOptions options)
{
    private readonly CallBudget _budget = new(options.Calls.MaxConcurrentCalls, options.Calls.MaxWaitingBytes);
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;
    private bool _isLeaving;

    /// <summary>No more calls are taken.</summary>
    public bool IsLeaving
    {
        get
        {
            lock (_gate)
            {
                return _isLeaving;
            }
        }
    }

    /// <summary>Takes a call in; false when there is no room, or the silo leaves.</summary>
    public bool TryEnter(long bytes)
    {
        lock (_gate)
        {
            if (_isLeaving || !_budget.TryTake(bytes))
            {
                return false;
            }

            _calls++;
            return true;
        }
    }

    public void Leave(long bytes)
    {
        _budget.Return(bytes);
        lock (_gate)
        {
            _calls--;
            SignalWhenEmpty();
        }
    }

    /// <summary>Takes no more calls; completes when those under way are answered.</summary>
    public Task CloseAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _isLeaving = true;
            SignalWhenEmpty();
        }

        return _empty.Task.WaitAsync(cancellationToken);
    }

    private void SignalWhenEmpty()
    {
        if (_isLeaving && _calls == 0)
        {
            _empty.TrySetResult();
        }
    }
}
