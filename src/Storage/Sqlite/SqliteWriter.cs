using System.Threading.Channels;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using ImagingIngestion.Storage.Sqlite.Events;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>
/// The one thread that writes. Jobs that wait at the same time share a transaction, so that one sync of the log makes all of them durable.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int QueueLength = 256;
    private const int MaxChangesPerTransaction = 1024;

    private readonly SqliteSession _session;
    private readonly StudyChangeWriter _changes;
    private readonly EventSignal _events;
    private readonly SqliteFaults _faults;

    /// <summary>Whoever queues a job wakes the thread itself, without a detour over the thread pool.</summary>
    private readonly Channel<WriterJob> _queue =
        Channel.CreateBounded<WriterJob>(
            new BoundedChannelOptions(QueueLength) { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly Thread _thread;

    /// <param name="connection">Owned by the writer from here on.</param>
    /// <param name="timeProvider">Dates changes, and tells what is due.</param>
    /// <param name="events">Hears of committed events.</param>
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

    /// <summary>Waits while the queue is full. A cancellation counts until the writer takes the group.</summary>
    public Task<IReadOnlyList<StudyCommitResult>> CommitAsync(
        IReadOnlyList<PreparedStudyChange> changes, CancellationToken cancellationToken)
        => RunAsync(new CommitJob(changes, _changes), cancellationToken);

    /// <summary>Writes something else in a transaction of its own or together with what waits; it may run twice, and counts once.</summary>
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

    /// <summary>The thread's own loop: blocking on the queue is what this thread is for.</summary>
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

    /// <summary>
    /// The first try has no savepoints; only when the database refuses something is everything written again with one around each part.
    /// Answers the number of the last event when there are new ones.
    /// </summary>
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
            long? latestEvent = _changes.HasWrittenEvents ? EventQueries.Latest(_session) : null;
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
            // After some errors, a full disk among them, SQLite has rolled back by itself and there is nothing left to roll back.
        }
    }
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
