using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Statements that are written as a whole or not at all, in a transaction with whatever else waits.</summary>
/// <param name="session">The writer's connection.</param>
/// <param name="action">Writes and answers; may run twice, when the first transaction is rolled back.</param>
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
