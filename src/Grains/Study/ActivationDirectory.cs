using System.Collections.Concurrent;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Grains.Study;

/// <summary>The studies in memory.</summary>
/// <remarks>A study leaves when nobody calls it for some time, or earlier when all together take too many bytes.</remarks>
internal sealed class ActivationDirectory(GrainRuntime runtime) : IDisposable
{
    // Eviction continues to a fifth below the limit, so that it does not run for every study that grows.
    private const double EvictionTarget = 0.8;

    private readonly ConcurrentDictionary<StudyKey, StudyActivation> _activations = new();
    private readonly TurnBudget _budget = new(runtime.Options.MaxWaitingBytes);
    private readonly CancellationTokenSource _abort = new();
    private long _bytes;
    private int _isEvicting;

    /// <summary>The number of studies in memory.</summary>
    public int Count => _activations.Count;

    /// <summary>Puts a call into the mailbox of its study and waits for its answer.</summary>
    /// <exception cref="GrainOverloadedException">The mailbox or the silo has no room, or the silo stops.</exception>
    public async Task<TAnswer> CallAsync<TAnswer>(StudyKey key, StudyTurn<TAnswer> turn, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_budget.TryTake(turn.EstimatedBytes))
        {
            throw new GrainOverloadedException();
        }

        while (true)
        {
            StudyActivation activation = _activations.GetOrAdd(key, static (key, directory) => directory.Activate(key), this);
            switch (activation.TryPost(turn, _abort.Token))
            {
                case PostResult.Posted:
                    return await turn.Answered;
                case PostResult.Full:
                    _budget.Return(turn.EstimatedBytes);
                    throw new GrainOverloadedException();
                default:
                    Remove(activation);
                    break;
            }
        }
    }

    /// <summary>Refuses new calls; completes when all are answered.</summary>
    /// <remarks>If the token is cancelled first, the remaining callers are told to send again.</remarks>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _budget.DrainAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await _abort.CancelAsync();
        }
    }

    /// <summary>Evicts the studies that were idle for the given time.</summary>
    public void Evict(TimeSpan idleTime)
    {
        foreach (StudyActivation activation in _activations.Values.Where(activation => activation.IdleFor >= idleTime))
        {
            TryEvict(activation);
        }
    }

    public void Dispose() => _abort.Dispose();

    private StudyActivation Activate(StudyKey key) => new(key, runtime, OnAnswered);

    private void OnAnswered(IReadOnlyList<StudyTurn> turns, long grown)
    {
        long bytes = Interlocked.Add(ref _bytes, grown);
        if (bytes > runtime.Options.MaxActivationBytes && Interlocked.Exchange(ref _isEvicting, 1) == 0)
        {
            EvictLongestUnused();
            Volatile.Write(ref _isEvicting, 0);
        }

        foreach (StudyTurn turn in turns)
        {
            _budget.Return(turn.EstimatedBytes);
        }
    }

    private void EvictLongestUnused()
    {
        foreach (StudyActivation activation in _activations.Values
            .Select(activation => (activation, activation.IdleFor))
            .OrderByDescending(pair => pair.IdleFor)
            .Select(pair => pair.activation))
        {
            if (Interlocked.Read(ref _bytes) <= runtime.Options.MaxActivationBytes * EvictionTarget)
            {
                return;
            }

            TryEvict(activation);
        }
    }

    private void TryEvict(StudyActivation activation)
    {
        if (activation.TryClose())
        {
            Remove(activation);
        }
    }

    /// <summary>Removes a closed study. Only the thread that removes it subtracts its bytes.</summary>
    private void Remove(StudyActivation closed)
    {
        if (_activations.TryRemove(new KeyValuePair<StudyKey, StudyActivation>(closed.Key, closed)))
        {
            Interlocked.Add(ref _bytes, -closed.ReportedBytes);
        }
    }
}

/// <summary>Bounds what all waiting calls of the silo hold in memory, and signals when none is left.</summary>
/// <param name="maxBytes">The most bytes; one call may be larger if it is alone.</param>
internal sealed class TurnBudget(long maxBytes)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;
    private int _turns;
    private bool _isClosed;

    /// <summary>Admits a call; returns false if there is no room or the silo stops.</summary>
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

    /// <summary>Releases an answered call.</summary>
    public void Return(long bytes)
    {
        lock (_gate)
        {
            _turns--;
            _bytes -= bytes;
            SignalWhenDrained();
        }
    }

    /// <summary>Refuses new calls; completes when all are answered.</summary>
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
