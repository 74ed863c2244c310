namespace ImagingIngestion.Storage.Sqlite;

/// <summary>A job with an answer.</summary>
internal abstract class WriterJob<T> : WriterJob
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer, or what went wrong.</summary>
    public Task<T> Completion => _completion.Task;

    /// <summary>The answer of the last write.</summary>
    protected T? Answer { get; set; }

    public override void Complete() => _completion.SetResult(Answer!);

    public override void Fail(Exception exception) => _completion.SetException(exception);

    protected override void Cancel(CancellationToken cancellationToken) => _completion.SetCanceled(cancellationToken);
}
