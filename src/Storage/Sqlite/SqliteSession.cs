using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>A connection with its prepared statements; belongs to one thread.</summary>
internal sealed class SqliteSession(SqliteConnection connection) : IDisposable
{
    private const int MaxStatements = 128;

    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    public SqliteStatement Statement(string sql, int parameters)
    {
        if (_statements.TryGetValue(sql, out SqliteStatement? known))
        {
            return known;
        }

        if (_statements.Count >= MaxStatements)
        {
            DisposeStatements();
        }

        SqliteStatement statement = new(connection, sql, parameters);
        _statements.Add(sql, statement);
        return statement;
    }

    /// <summary>Runs several statements against one state of the database.</summary>
    public T InSnapshot<T>(Func<T> read)
    {
        Statement("BEGIN", 0).Run();
        try
        {
            return read();
        }
        finally
        {
            Statement("COMMIT", 0).Run();
        }
    }

    /// <summary>Runs statements within the open transaction; returns null if the database accepts all of them.</summary>
    /// <remarks>If the database refuses one, all are taken back and the refusal is returned.</remarks>
    public SqliteException? TryInSavepoint(Action write)
    {
        Statement("SAVEPOINT part", 0).Run();
        try
        {
            write();
            Statement("RELEASE part", 0).Run();
            return null;
        }
        catch (SqliteException exception) when (SqliteErrors.IsRefusal(exception))
        {
            Statement("ROLLBACK TO part", 0).Run();
            Statement("RELEASE part", 0).Run();
            return exception;
        }
    }

    /// <summary>Reads bytes of a blob from an offset on; returns how many there were, or -1 if there is no such row.</summary>
    public int ReadBlob(string table, string column, long row, long offset, Span<byte> target)
    {
        try
        {
            using SqliteBlob blob = new(connection, table, column, row, readOnly: true);
            blob.Position = offset;
            return blob.Read(target);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == SQLitePCL.raw.SQLITE_ERROR)
        {
            return -1;
        }
    }

    /// <summary>Rolls back a transaction that a failed read, or its failed end, has left open.</summary>
    /// <remarks>Otherwise the connection would see the database of that moment for ever, and its log could not be emptied.</remarks>
    public void EndTransaction()
    {
        if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
        {
            try
            {
                Statement("ROLLBACK", 0).Run();
            }
            catch (SqliteException)
            {
                // The rollback is tried again after the next read.
            }
        }
    }

    /// <summary>Stops the statement that runs now; any thread may call it.</summary>
    public void Interrupt() => SQLitePCL.raw.sqlite3_interrupt(connection.Handle);

    public void Dispose()
    {
        DisposeStatements();
        connection.Dispose();
    }

    private void DisposeStatements()
    {
        foreach (SqliteStatement statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
    }
}
