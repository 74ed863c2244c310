using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Manifest.Background;

/// <summary>A fixed number of threads for system calls that wait for the disk, so that a slow disk cannot block the thread pool.</summary>
/// <remarks>
/// Reads and writes of a folder store have separate threads: uploads do not wait behind retrieves. They are many, because parallel fsyncs
/// share one journal commit.
/// </remarks>
public sealed class DiskThreads : IAsyncDisposable
{
    private const int StackBytes = 256 * 1024;

    private readonly object _gate = new();
    private readonly Queue<Action> _work = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _maxWaiting;
    private int _running;
    private bool _isClosed;

    /// <param name="name">The name that the system shows: at most 15 characters with the number.</param>
    /// <param name="threads">How many system calls may wait for the disk at once.</param>
    /// <param name="maxWaiting">How many more may be queued before new work is refused.</param>
    public DiskThreads(string name, int threads, int maxWaiting)
    {
        _maxWaiting = maxWaiting;
        _running = threads;
        for (int number = 0; number < threads; number++)
        {
            new Thread(Run, StackBytes) { IsBackground = true, Name = $"{name} {number}" }.Start();
        }
    }

    /// <summary>The number of queued calls.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _work.Count;
            }
        }
    }

    /// <summary>Runs blocking work that begins something. Cancellation has an effect only before the work begins.</summary>
    /// <exception cref="ObjectStoreException">Too many calls wait for the disk, or the threads have ended.</exception>
    public Task<T> BeginAsync<T>(Func<T> work, CancellationToken cancellationToken) => QueueAsync(work, _maxWaiting, cancellationToken);

    /// <summary>Runs blocking work of a begun upload or read, however many calls wait: each has at most one such call queued.</summary>
    /// <exception cref="ObjectStoreException">The threads have ended.</exception>
    public Task<T> ContinueAsync<T>(Func<T> work, CancellationToken cancellationToken) => QueueAsync(work, int.MaxValue, cancellationToken);

    public Task ContinueAsync(Action work, CancellationToken cancellationToken)
        => ContinueAsync(
            () =>
            {
                work();
                return true;
            },
            cancellationToken);

    /// <summary>Lets queued work finish and ends the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }

        await _ended.Task.ConfigureAwait(false);
    }

    private Task<T> QueueAsync<T>(Func<T> work, int maxWaiting, CancellationToken cancellationToken)
    {
        TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_isClosed)
            {
                throw new ObjectStoreException(ObjectStoreFault.Unavailable, "The threads of the disk have ended.");
            }

            if (_work.Count >= maxWaiting)
            {
                throw new ObjectStoreException(
                    ObjectStoreFault.Unavailable,
                    $"{maxWaiting} operations already wait for the disk, which is too slow for the load.");
            }

            _work.Enqueue(() => Complete(completion, work, cancellationToken));
            Monitor.Pulse(_gate);
        }

        return completion.Task;
    }

    private static void Complete<T>(TaskCompletionSource<T> completion, Func<T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            completion.SetCanceled(cancellationToken);
            return;
        }

        try
        {
            completion.SetResult(work());
        }
        catch (Exception exception)
        {
            completion.SetException(exception);
        }
    }

    private void Run()
    {
        while (Next() is { } work)
        {
            work();
        }

        if (Interlocked.Decrement(ref _running) == 0)
        {
            _ended.TrySetResult();
        }
    }

    /// <summary>Waits for work; returns null when the threads end.</summary>
    private Action? Next()
    {
        lock (_gate)
        {
            while (_work.Count == 0)
            {
                if (_isClosed)
                {
                    return null;
                }

                Monitor.Wait(_gate);
            }

            return _work.Dequeue();
        }
    }
}
