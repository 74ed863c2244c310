using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>
/// Something that waits for the writer. Whoever asked may give up only until the writer takes it: from then on the true outcome is told.
/// </summary>
internal abstract class WriterJob
{
    private int _isTaken;

    /// <summary>How much it writes, roughly, in changes of a study.</summary>
    public abstract int Weight { get; }

    /// <summary>False when the asker has given up before.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _isTaken, 1, 0) == 0;

    public void TryCancel(CancellationToken cancellationToken)
    {
        if (TryTake())
        {
            Cancel(cancellationToken);
        }
    }

    /// <summary>Writes within the transaction that is open, and keeps what there is to answer.</summary>
    /// <param name="isIsolated">The database has refused something in this transaction before: keep refusals to what caused them.</param>
    /// <exception cref="SqliteException">The transaction must be rolled back.</exception>
    public abstract void Write(bool isIsolated);

    /// <summary>Answers: what was written is durable.</summary>
    public abstract void Complete();

    /// <summary>Answers: nothing is known to be written.</summary>
    public abstract void Fail(Exception exception);

    protected abstract void Cancel(CancellationToken cancellationToken);
}
