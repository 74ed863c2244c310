using System.Collections.Concurrent;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Grains.Study;

/// <summary>The studies in memory. Those that nobody calls leave after a time, or earlier when all together take too many bytes.</summary>
internal sealed class ActivationDirectory(GrainRuntime runtime) : IDisposable
{
    // Eviction for bytes goes below the limit by a fifth, so that it does not run for every study that grows.
    private const double Relief = 0.8;

    private readonly ConcurrentDictionary<StudyKey, StudyActivation> _activations = new();
    private readonly TurnBudget _budget = new(runtime.Options.MaxWaitingBytes);
    private readonly CancellationTokenSource _abort = new();
    private long _bytes;
    private int _isEvicting;

    /// <summary>Studies in memory.</summary>
    public int Count => _activations.Count;

    /// <summary>Puts a call into the mailbox of its study and waits for its answer.</summary>
    /// <exception cref="GrainOverloadedException">No room in the mailbox or the silo, or the silo stops.</exception>
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
                    Forget(activation);
                    break;
            }
        }
    }

    /// <summary>
    /// Takes no more calls; completes when all are answered. When the token is cancelled first, the rest is told to send again.
    /// </summary>
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

    /// <summary>Lets go of the studies that were idle for the given time.</summary>
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
            if (Interlocked.Read(ref _bytes) <= runtime.Options.MaxActivationBytes * Relief)
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
            Forget(activation);
        }
    }

    /// <summary>Only the one who takes it out of the directory takes its bytes off.</summary>
    private void Forget(StudyActivation closed)
    {
        if (_activations.TryRemove(new KeyValuePair<StudyKey, StudyActivation>(closed.Key, closed)))
        {
            Interlocked.Add(ref _bytes, -closed.ReportedBytes);
        }
    }
}
