using System.Threading.Channels;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Storage;

/// <summary>
/// A fixed number of threads for system calls that wait for the disk. They are many, because parallel fsyncs share one journal commit, and
/// they are not the thread pool's, because a slow disk must not stop everything else.
/// </summary>
internal sealed class DiskThreads : IAsyncDisposable
{
    private const int StackBytes = 256 * 1024;

    private readonly Channel<Action> _work;
    private readonly Thread[] _threads;

    public DiskThreads(int threads, int queue)
    {
        // Whoever queues work wakes a thread itself; by way of the thread pool it would wait for the very pool it is to spare.
        _work = Channel.CreateBounded<Action>(new BoundedChannelOptions(queue) { AllowSynchronousContinuations = true });
        _threads = [.. Enumerable.Range(0, threads).Select(number => new Thread(Run, StackBytes) { IsBackground = true, Name = $"disk {number}" })];
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Runs blocking work; waits while the queue is full. A cancellation is heeded only before the work begins.</summary>
    /// <exception cref="ObjectStoreException">The threads have ended.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _work.Writer.WriteAsync(() => Complete(completion, work, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException exception)
        {
            throw new ObjectStoreException(ObjectStoreFault.Unavailable, "The object store is closed.", exception);
        }

        return await completion.Task.ConfigureAwait(false);
    }

    public Task RunAsync(Action work, CancellationToken cancellationToken)
        => RunAsync(
            () =>
            {
                work();
                return true;
            },
            cancellationToken);

    /// <summary>Lets queued work finish and ends the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        _work.Writer.TryComplete();
        await _work.Reader.Completion.ConfigureAwait(false);
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

    /// <summary>The thread's own loop: blocking on the channel is what this thread is for.</summary>
    private void Run()
    {
        while (_work.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            if (_work.Reader.TryRead(out Action? work))
            {
                work();
            }
        }
    }
}
