using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>The one thread that writes.</summary>
/// <remarks>Jobs that wait at the same time share a transaction, so that one sync of the log makes all of them durable.</remarks>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int QueueLength = 256;
    private const int MaxChangesPerTransaction = 1024;

    private readonly SqliteSession _session;
    private readonly StudyChangeWriter _changes;
    private readonly EventSignal _events;
    private readonly SqliteFaults _faults;

    /// <summary>The caller that queues a job wakes the thread itself, without a detour over the thread pool.</summary>
    private readonly Channel<WriterJob> _queue =
        Channel.CreateBounded<WriterJob>(
            new BoundedChannelOptions(QueueLength) { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly Thread _thread;

    /// <param name="connection">The writer owns it from here on.</param>
    /// <param name="timeProvider">Dates changes, and decides what is due.</param>
    /// <param name="events">Wakes callers that wait for events.</param>
    /// <param name="faults">Knows what is damaged.</param>
    public SqliteWriter(SqliteConnection connection, TimeProvider timeProvider, EventSignal events, SqliteFaults faults)
    {
        _faults = faults;
        _events = events;
        _session = new SqliteSession(connection);
        _changes = new StudyChangeWriter(connection, _session, timeProvider);
        _thread = new Thread(Run) { IsBackground = true, Name = "manifest writer" };
        _thread.Start();
    }

    /// <summary>Commits a group. Waits while the queue is full.</summary>
    /// <remarks>A cancellation has an effect until the writer takes the group.</remarks>
    public Task<IReadOnlyList<StudyCommitResult>> CommitAsync(
        IReadOnlyList<PreparedStudyChange> changes, CancellationToken cancellationToken)
        => RunAsync(new CommitJob(changes, _changes), cancellationToken);

    /// <summary>Writes something else, in a transaction of its own or together with other jobs.</summary>
    /// <remarks>The action may run twice, but only one run is committed.</remarks>
    /// <exception cref="ManifestUnavailableException">Nothing is known to be written.</exception>
    public Task<T> RunAsync<T>(Func<SqliteSession, T> action, CancellationToken cancellationToken)
        => RunAsync(new ActionJob<T>(_session, action), cancellationToken);

    /// <summary>Commits what is queued, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_queue.Writer.TryComplete())
        {
            await _queue.Reader.Completion.ConfigureAwait(false);
            await Task.Run(_thread.Join).ConfigureAwait(false);
            _changes.Dispose();
            _session.Dispose();
        }
    }

    private async Task<T> RunAsync<T>(WriterJob<T> job, CancellationToken cancellationToken)
    {
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

    /// <summary>Runs the loop of the thread, which exists to block on the queue.</summary>
    [SuppressMessage("Usage", "VSTHRD002", Justification = "The thread exists to block.")]
    private void Run()
    {
        List<WriterJob> batch = [];
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

    private void Take(List<WriterJob> batch)
    {
        for (int changes = 0; changes < MaxChangesPerTransaction && _queue.Reader.TryRead(out WriterJob? job);)
        {
            if (job.TryTake())
            {
                batch.Add(job);
                changes += job.Weight;
            }
        }
    }

    private void Commit(List<WriterJob> batch)
    {
        long? latestEvent;
        try
        {
            latestEvent = Write(batch);
        }
        catch (Exception exception)
        {
            Exception fault = exception is SqliteException sqlite ? _faults.ToUnavailable(sqlite) : exception;
            batch.ForEach(job => job.Fail(fault));
            return;
        }

        batch.ForEach(job => job.Complete());
        if (latestEvent is { } latest)
        {
            _events.Raise(latest);
        }
    }

    /// <summary>Writes a batch; returns the number of the last event if there are new ones.</summary>
    /// <remarks>
    /// The first try has no savepoints. Only if the database refuses something, everything is written again with a savepoint around each
    /// part.
    /// </remarks>
    private long? Write(List<WriterJob> batch)
    {
        try
        {
            return WriteTransaction(batch, isIsolated: false);
        }
        catch (SqliteException exception) when (SqliteErrors.IsRefusal(exception))
        {
            return WriteTransaction(batch, isIsolated: true);
        }
    }

    private long? WriteTransaction(List<WriterJob> batch, bool isIsolated)
    {
        _session.Statement("BEGIN IMMEDIATE", 0).Run();
        try
        {
            _changes.HasWrittenEvents = false;
            batch.ForEach(job => job.Write(isIsolated));
            long? latestEvent = _changes.HasWrittenEvents ? EventReads.Latest(_session) : null;
            _session.Statement("COMMIT", 0).Run();
            return latestEvent;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    private void RollBack()
    {
        try
        {
            _session.Statement("ROLLBACK", 0).Run();
        }
        catch (SqliteException)
        {
            // After some errors, such as a full disk, SQLite has rolled back by itself and nothing is left to roll back.
        }
    }
}
