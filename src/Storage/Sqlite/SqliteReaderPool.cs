using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>A few threads that read, each with its own connection.</summary>
/// <remarks>SQLite blocks; with threads of its own it never blocks the thread pool.</remarks>
internal sealed class SqliteReaderPool : IAsyncDisposable
{
    private const int QueueLength = 1024;

    /// <summary>The caller that queues a read wakes a thread itself, without a detour over the thread pool.</summary>
    private readonly Channel<Action<SqliteSession>> _queue =
        Channel.CreateBounded<Action<SqliteSession>>(new BoundedChannelOptions(QueueLength) { AllowSynchronousContinuations = true });
    private readonly Thread[] _threads;
    private readonly SqliteFaults _faults;

    public SqliteReaderPool(SqliteConnections connections, int threads, int cacheKibibytes, SqliteFaults faults)
    {
        _faults = faults;
        SqliteSession[] readers = [.. Enumerable.Range(0, threads).Select(_ => new SqliteSession(connections.OpenReader(cacheKibibytes)))];
        _threads = [.. readers.Select(reader => new Thread(() => Run(reader)) { IsBackground = true, Name = "manifest reader" })];
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Runs a read on one of the threads; a cancellation stops it while it waits or runs.</summary>
    /// <exception cref="ManifestUnavailableException">The database is locked or failed.</exception>
    public async Task<T> RunAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellationToken)
    {
        TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _queue.Writer.WriteAsync(reader => Complete(reader, read, completion, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ChannelClosedException exception)
        {
            throw new ManifestUnavailableException("The manifest database is closed.", exception);
        }

        return await completion.Task.ConfigureAwait(false);
    }

    /// <summary>Finishes what is queued and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_queue.Writer.TryComplete())
        {
            await Task.Run(() => Array.ForEach(_threads, thread => thread.Join())).ConfigureAwait(false);
        }
    }

    private void Complete<T>(
        SqliteSession reader, Func<SqliteSession, T> read, TaskCompletionSource<T> completion, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            completion.SetCanceled(cancellationToken);
            return;
        }

        // Disposed before the next read begins, so that a late cancellation cannot stop the statement of another caller.
        using CancellationTokenRegistration registration = cancellationToken.Register(reader.Interrupt);
        try
        {
            completion.SetResult(read(reader));
        }
        catch (SqliteException exception) when (SqliteErrors.IsInterrupt(exception) && cancellationToken.IsCancellationRequested)
        {
            completion.SetCanceled(cancellationToken);
        }
        catch (SqliteException exception)
        {
            completion.SetException(_faults.ToUnavailable(exception));
        }
        catch (Exception exception)
        {
            completion.SetException(exception);
        }
    }

    /// <summary>Runs the loop of one thread, which exists to block on the queue.</summary>
    [SuppressMessage("Usage", "VSTHRD002", Justification = "The thread exists to block.")]
    private void Run(SqliteSession reader)
    {
        using (reader)
        {
            while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                if (_queue.Reader.TryRead(out Action<SqliteSession>? read))
                {
                    read(reader);
                    reader.EndTransaction();
                }
            }
        }
    }
}
