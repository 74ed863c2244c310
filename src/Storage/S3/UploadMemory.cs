using ImagingIngestion.Grains;

namespace ImagingIngestion.Storage;

/// <summary>
/// The memory that all uploads of a process share. An upload takes the room of one part before its first byte is read, and keeps it to its end: so none
/// ever waits for room while it holds some. The few whose parts outgrow it take more one after the other, for a part at a time.
/// </summary>
/// <param name="bytes">What there is.</param>
/// <param name="patience">How long one waits for room.</param>
/// <param name="time">The clock.</param>
internal sealed class UploadMemory(long bytes, TimeSpan patience, TimeProvider time)
{
    private const int MaxWaiters = 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _waiters = [];
    private readonly SemaphoreSlim _growth = new(1, 1);
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

    /// <summary>Waits for room, in the order of asking.</summary>
    /// <exception cref="ObjectStoreException">None came free in time.</exception>
    public async Task TakeAsync(long wanted, CancellationToken cancellationToken)
    {
        LinkedListNode<(long Bytes, TaskCompletionSource Granted)> waiter;
        lock (_gate)
        {
            if (_waiters.Count == 0 && _free >= wanted)
            {
                _free -= wanted;
                return;
            }

            if (_waiters.Count >= MaxWaiters)
            {
                throw NoRoom();
            }

            waiter = _waiters.AddLast((wanted, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        try
        {
            await waiter.Value.Granted.Task.WaitAsync(patience, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            GiveUp(waiter);
            throw exception is TimeoutException ? NoRoom() : exception;
        }
    }

    public void Return(long taken)
    {
        lock (_gate)
        {
            _free += taken;
            Grant();
        }
    }

    /// <summary>More room for one part; at most one upload has it.</summary>
    /// <exception cref="ObjectStoreException">None came free in time.</exception>
    public async Task GrowAsync(long wanted, CancellationToken cancellationToken)
    {
        if (!await _growth.WaitAsync(patience, cancellationToken).ConfigureAwait(false))
        {
            throw NoRoom();
        }

        try
        {
            await TakeAsync(wanted, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _growth.Release();
            throw;
        }
    }

    public void Shrink(long taken)
    {
        Return(taken);
        _growth.Release();
    }

    private static ObjectStoreException NoRoom() => new(ObjectStoreFault.Unavailable, "Too many uploads are on their way: no memory came free for another one; send again later.");

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
