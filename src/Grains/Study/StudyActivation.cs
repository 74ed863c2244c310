using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Grains.Study;

/// <summary>A study in memory: a bounded mailbox, and one batch of turns at a time. An idle study uses no thread and no task.</summary>
/// <param name="key">The study.</param>
/// <param name="runtime">Its dependencies.</param>
/// <param name="answered">Called with each answered batch: its calls, and by how many bytes the study grew.</param>
internal sealed class StudyActivation(StudyKey key, GrainRuntime runtime, Action<IReadOnlyList<StudyTurn>, long> answered)
{
    private readonly Lock _gate = new();
    private readonly Queue<StudyTurn> _mailbox = [];
    private readonly StudyBatchRunner _runner = new(key, runtime);
    private bool _isRunning;
    private bool _isClosed;
    private long _lastUsed = runtime.Time.GetTimestamp();

    public StudyKey Key { get; } = key;

    /// <summary>The bytes that were last reported for it.</summary>
    public long ReportedBytes { get; private set; }

    /// <summary>How long nobody has called it.</summary>
    public TimeSpan IdleFor => runtime.Time.GetElapsedTime(Volatile.Read(ref _lastUsed));

    public PostResult TryPost(StudyTurn turn, CancellationToken silo)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return PostResult.Closed;
            }

            if (_mailbox.Count >= runtime.Options.MailboxCapacity)
            {
                return PostResult.Full;
            }

            _mailbox.Enqueue(turn);
            Volatile.Write(ref _lastUsed, runtime.Time.GetTimestamp());
            if (!_isRunning)
            {
                _isRunning = true;
                _ = Task.Run(() => RunAsync(silo), CancellationToken.None);
            }

            return PostResult.Posted;
        }
    }

    /// <summary>Leaves memory if nothing waits or runs; returns false otherwise.</summary>
    public bool TryClose()
    {
        lock (_gate)
        {
            _isClosed |= !_isRunning;
            return _isClosed;
        }
    }

    private static bool IsAlone(StudyTurn turn) => turn.NeededRevision is not null;

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (TakeBatch() is { Count: > 0 } batch)
        {
            StudyTurn[] awaited = [.. batch.Where(turn => !turn.IsAbandoned)];
            if (awaited.Length > 0)
            {
                await _runner.RunAsync(awaited, cancellationToken);
            }

            long grown = _runner.EstimatedBytes - ReportedBytes;
            ReportedBytes += grown;
            answered(batch, grown);
        }
    }

    private List<StudyTurn> TakeBatch()
    {
        List<StudyTurn> batch = [];
        lock (_gate)
        {
            while (batch.Count < runtime.Options.BatchSize && _mailbox.TryPeek(out StudyTurn? turn) && (batch.Count == 0 || !IsAlone(turn)))
            {
                batch.Add(_mailbox.Dequeue());
                if (IsAlone(turn))
                {
                    break;
                }
            }

            _isRunning = batch.Count > 0;
        }

        return batch;
    }
}

/// <summary>The result of posting a call to a mailbox.</summary>
internal enum PostResult
{
    Posted,

    /// <summary>Too many calls wait.</summary>
    Full,

    /// <summary>The activation left memory; the directory has or creates another one.</summary>
    Closed,
}
