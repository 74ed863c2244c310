using System.Threading.Channels;
using ImagingIngestion.Grains;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage;

/// <summary>
/// The one thread that writes. Groups that wait at the same time share a transaction, so that one sync of the log makes all of them durable.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int QueueLength = 256;
    private const int MaxChangesPerTransaction = 1024;

    private readonly SqliteConnection _connection;
    private readonly StudyChangeWriter _changes;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;

    /// <summary>Whoever queues a group wakes the thread itself, without a detour over the thread pool.</summary>
    private readonly Channel<CommitJob> _queue =
        Channel.CreateBounded<CommitJob>(new BoundedChannelOptions(QueueLength) { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly Thread _thread;

    /// <param name="connection">Owned by the writer from here on.</param>
    /// <param name="timeProvider">Dates what is dropped.</param>
    public SqliteWriter(SqliteConnection connection, TimeProvider timeProvider)
    {
        _connection = connection;
        _changes = new StudyChangeWriter(connection, timeProvider);
        _begin = new SqliteStatement(connection, "BEGIN IMMEDIATE", 0);
        _commit = new SqliteStatement(connection, "COMMIT", 0);
        _thread = new Thread(Run) { IsBackground = true, Name = "manifest writer" };
        _thread.Start();
    }

    /// <summary>Waits while the queue is full. A cancellation counts until the writer takes the group.</summary>
    public async Task<IReadOnlyList<StudyCommitResult>> CommitAsync(IReadOnlyList<PreparedStudyChange> changes, CancellationToken cancellationToken)
    {
        CommitJob job = new(changes);
        try
        {
            await _queue.Writer.WriteAsync(job, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException exception)
        {
            throw new ManifestUnavailableException("The manifest database is closed.", exception);
        }

        using CancellationTokenRegistration registration = cancellationToken.Register(() => job.TryCancel(cancellationToken));
        return await job.Completion.ConfigureAwait(false);
    }

    /// <summary>Commits what is queued, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_queue.Writer.TryComplete())
        {
            await _queue.Reader.Completion.ConfigureAwait(false);
            await Task.Run(_thread.Join).ConfigureAwait(false);
            _begin.Dispose();
            _commit.Dispose();
            _changes.Dispose();
            await _connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The thread's own loop: blocking on the queue is what this thread is for.</summary>
    private void Run()
    {
        List<CommitJob> batch = [];
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            Take(batch);
            if (batch.Count > 0)
            {
                Commit(batch);
                batch.Clear();
            }
        }
    }

    private void Take(List<CommitJob> batch)
    {
        for (int changes = 0; changes < MaxChangesPerTransaction && _queue.Reader.TryRead(out CommitJob? job);)
        {
            if (job.TryTake())
            {
                batch.Add(job);
                changes += job.Changes.Count;
            }
        }
    }

    private void Commit(List<CommitJob> batch)
    {
        try
        {
            List<StudyCommitResult> results = Write([.. batch.SelectMany(job => job.Changes)]);
            int first = 0;
            foreach (CommitJob job in batch)
            {
                job.Complete(results.GetRange(first, job.Changes.Count));
                first += job.Changes.Count;
            }
        }
        catch (Exception exception)
        {
            Exception fault = exception is SqliteException sqlite ? SqliteErrors.ToUnavailable(sqlite) : exception;
            batch.ForEach(job => job.Fail(fault));
        }
    }

    /// <summary>The first try has no savepoints; only when the database refuses a change is everything written again with one around each.</summary>
    private List<StudyCommitResult> Write(List<PreparedStudyChange> changes)
    {
        try
        {
            return WriteTransaction(changes, _changes.Apply);
        }
        catch (SqliteException exception) when (SqliteErrors.IsRefusal(exception))
        {
            return WriteTransaction(changes, ApplyIsolated);
        }
    }

    private List<StudyCommitResult> WriteTransaction(List<PreparedStudyChange> changes, Func<PreparedStudyChange, StudyCommitResult> apply)
    {
        _begin.Run();
        try
        {
            List<StudyCommitResult> results = changes.ConvertAll(change => apply(change));
            _commit.Run();
            return results;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    private StudyCommitResult ApplyIsolated(PreparedStudyChange change)
    {
        SqliteConnections.Execute(_connection, "SAVEPOINT change");
        try
        {
            StudyCommitResult result = _changes.Apply(change);
            SqliteConnections.Execute(_connection, "RELEASE change");
            return result;
        }
        catch (SqliteException exception) when (SqliteErrors.IsRefusal(exception))
        {
            SqliteConnections.Execute(_connection, "ROLLBACK TO change; RELEASE change");
            return StudyCommitResult.Refused;
        }
    }

    private void RollBack()
    {
        try
        {
            SqliteConnections.Execute(_connection, "ROLLBACK");
        }
        catch (SqliteException)
        {
            // After some errors, a full disk among them, SQLite has rolled back by itself and there is nothing left to roll back.
        }
    }
}
