using ImagingIngestion.Grains;

namespace ImagingIngestion.Storage;

/// <summary>A group that waits for the writer. Whoever asked may give up only until the writer takes it: from then on the true outcome is told.</summary>
internal sealed class CommitJob(IReadOnlyList<PreparedStudyChange> changes)
{
    private readonly TaskCompletionSource<IReadOnlyList<StudyCommitResult>> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isTaken;

    public IReadOnlyList<PreparedStudyChange> Changes { get; } = changes;

    public Task<IReadOnlyList<StudyCommitResult>> Completion => _completion.Task;

    /// <summary>False when the asker has given up before.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _isTaken, 1, 0) == 0;

    public void TryCancel(CancellationToken cancellationToken)
    {
        if (TryTake())
        {
            _completion.SetCanceled(cancellationToken);
        }
    }

    public void Complete(IReadOnlyList<StudyCommitResult> results) => _completion.SetResult(results);

    public void Fail(Exception exception) => _completion.SetException(exception);
}
