using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Grains.Study;

/// <summary>A change that waits for its group commit.</summary>
internal sealed class PendingCommit(StudyChange change)
{
    private readonly TaskCompletionSource<StudyCommitResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StudyChange Change { get; } = change;

    public Task<StudyCommitResult> Result => _completion.Task;

    public void Complete(StudyCommitResult result) => _completion.TrySetResult(result);

    public void Fail(Exception error) => _completion.TrySetException(error);
}
