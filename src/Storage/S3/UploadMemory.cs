using ImagingIngestion.Grains;

namespace ImagingIngestion.Storage;

/// <summary>
/// The memory that all uploads of a process share. An upload takes the room of one part before its first byte is read, and keeps it to its end. The few
/// whose parts outgrow it give it back and take more for each part. So none ever waits for room while it holds some.
/// </summary>
/// <param name="bytes">What there is.</param>
/// <param name="patience">How long an upload that begins waits for room; one that has sent a thousand parts waits far longer.</param>
/// <param name="time">The clock.</param>
internal sealed class UploadMemory(long bytes, TimeSpan patience, TimeProvider time)
{
    private const int MaxWaiters = 1024;
    private const int LongPatience = 20;

    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _waiters = [];
    private long _free = bytes;

    /// <summary>What nobody holds.</summary>
    public long Free
    {
        get
        {
            lock (_gate)
            {
                return _free;
            }
        }
    }

    /// <summary>Waits for the room of an upload that begins, in the order of asking.</summary>
    /// <exception cref="ObjectStoreException">None came free in time, or too many wait already.</exception>
    public Task TakeAsync(long wanted, CancellationToken cancellationToken) => TakeAsync(wanted, MaxWaiters, patience, cancellationToken);

    /// <summary>Waits for the room of a later part, in the order of asking; the upload has given back what it held.</summary>
    /// <exception cref="ObjectStoreException">None came free in time.</exception>
    public Task TakeAgainAsync(long wanted, CancellationToken cancellationToken) => TakeAsync(wanted, int.MaxValue, patience * LongPatience, cancellationToken);

    public void Return(long taken)
    {
        lock (_gate)
        {
            _free += taken;
            Grant();
        }
    }

    private static ObjectStoreException NoRoom() => new(ObjectStoreFault.Unavailable, "Too many uploads are on their way: no memory came free for another one; send again later.");

    private async Task TakeAsync(long wanted, int maxWaiters, TimeSpan longest, CancellationToken cancellationToken)
    {
        LinkedListNode<(long Bytes, TaskCompletionSource Granted)> waiter;
        lock (_gate)
        {
            if (_waiters.Count == 0 && _free >= wanted)
            {
                _free -= wanted;
                return;
            }

            if (_waiters.Count >= maxWaiters)
            {
                throw NoRoom();
            }

            waiter = _waiters.AddLast((wanted, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        try
        {
            await waiter.Value.Granted.Task.WaitAsync(longest, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            GiveUp(waiter);
            throw exception is TimeoutException ? NoRoom() : exception;
        }
    }

    private void GiveUp(LinkedListNode<(long Bytes, TaskCompletionSource Granted)> waiter)
    {
        lock (_gate)
        {
            if (waiter.List is not null)
            {
                _waiters.Remove(waiter);
            }
            else
            {
                _free += waiter.Value.Bytes;
            }

            Grant();
        }
    }

    /// <summary>Called under the lock.</summary>
    private void Grant()
    {
        while (_waiters.First is { } first && _free >= first.Value.Bytes)
        {
            _waiters.RemoveFirst();
            _free -= first.Value.Bytes;
            first.Value.Granted.SetResult();
        }
    }
}
