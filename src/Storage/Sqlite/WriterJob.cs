using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>A job that waits for the writer.</summary>
/// <remarks>The caller can cancel it only until the writer takes it. After that the caller gets the real outcome.</remarks>
internal abstract class WriterJob
{
    private int _isTaken;

    /// <summary>Roughly how much it writes, in changes of a study.</summary>
    public abstract int Weight { get; }

    /// <summary>Returns false if the caller has cancelled before.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _isTaken, 1, 0) == 0;

    public void TryCancel(CancellationToken cancellationToken)
    {
        if (TryTake())
        {
            Cancel(cancellationToken);
        }
    }

    /// <summary>Writes within the open transaction, and keeps the answer.</summary>
    /// <param name="isIsolated">The database has refused something in this transaction before: isolate the part that is refused.</param>
    /// <exception cref="SqliteException">The transaction must be rolled back.</exception>
    public abstract void Write(bool isIsolated);

    /// <summary>Ends the job: everything written is durable.</summary>
    public abstract void Complete();

    /// <summary>Ends the job: nothing is known to be written.</summary>
    public abstract void Fail(Exception exception);

    protected abstract void Cancel(CancellationToken cancellationToken);
}

/// <summary>A job with an answer.</summary>
internal abstract class WriterJob<T> : WriterJob
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer, or the error.</summary>
    public Task<T> Completion => _completion.Task;

    /// <summary>The answer of the last write.</summary>
    protected T? Answer { get; set; }

    public override void Complete() => _completion.SetResult(Answer!);

    public override void Fail(Exception exception) => _completion.SetException(exception);

    protected override void Cancel(CancellationToken cancellationToken) => _completion.SetCanceled(cancellationToken);
}

/// <summary>A group of changes that waits for the writer.</summary>
internal sealed class CommitJob(IReadOnlyList<PreparedStudyChange> changes, StudyChangeWriter writer)
    : WriterJob<IReadOnlyList<StudyCommitResult>>
{
    public override int Weight => changes.Count;

    public override void Write(bool isIsolated)
        => Answer = [.. changes.Select(change => isIsolated ? WriteIsolated(change) : writer.Apply(change))];

    private StudyCommitResult WriteIsolated(PreparedStudyChange change)
    {
        StudyCommitResult result = default;
        return writer.Session.TryInSavepoint(() => result = writer.Apply(change)) is null ? result : StudyCommitResult.Refused;
    }
}

/// <summary>Statements that are written as a whole or not at all, in a transaction with other jobs.</summary>
/// <param name="session">The writer's connection.</param>
/// <param name="action">Writes and answers; runs twice if the first transaction is rolled back.</param>
internal sealed class ActionJob<T>(SqliteSession session, Func<SqliteSession, T> action) : WriterJob<T>
{
    private SqliteException? _refusal;

    public override int Weight => 1;

    public override void Write(bool isIsolated)
    {
        if (isIsolated)
        {
            _refusal = session.TryInSavepoint(() => Answer = action(session));
        }
        else
        {
            Answer = action(session);
        }
    }

    public override void Complete()
    {
        if (_refusal is not null)
        {
            Fail(SqliteErrors.ToUnavailable(_refusal));
            return;
        }

        base.Complete();
    }
}
