namespace ImagingIngestion.Manifest.Objects;

/// <summary>The memory that all uploads of a process share.</summary>
/// <remarks>
/// A request takes the room of one part before its first byte is read. An upload whose parts outgrow that takes the difference for each
/// part and returns it when the part is sent; without room its parts stay small. So uploads never wait for each other endlessly.
/// </remarks>
/// <param name="bytes">The bytes to share.</param>
/// <param name="longestWait">How long a request waits for room.</param>
/// <param name="time">The clock.</param>
public sealed class UploadMemory(long bytes, TimeSpan longestWait, TimeProvider time)
{
    private const int MaxWaiters = 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _waiters = [];
    private long _free = bytes;

    /// <summary>The free bytes.</summary>
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

    /// <summary>Takes room if there is some now.</summary>
    public bool TryTake(long wanted)
    {
        lock (_gate)
        {
            if (wanted > 0 && (_waiters.Count > 0 || _free < wanted))
            {
                return false;
            }

            _free -= wanted;
            return true;
        }
    }

    /// <summary>Waits for room, first come, first served; returns false if none came free in time, or too many wait already.</summary>
    public async Task<bool> TryTakeAsync(long wanted, CancellationToken cancellationToken)
    {
        LinkedListNode<(long Bytes, TaskCompletionSource Granted)> waiter;
        lock (_gate)
        {
            if (_waiters.Count == 0 && _free >= wanted)
            {
                _free -= wanted;
                return true;
            }

            if (_waiters.Count >= MaxWaiters)
            {
                return false;
            }

            waiter = _waiters.AddLast((wanted, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        try
        {
            await waiter.Value.Granted.Task.WaitAsync(longestWait, time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            GiveUp(waiter);
            return false;
        }
        catch (OperationCanceledException)
        {
            GiveUp(waiter);
            throw;
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

    /// <summary>Grants waiting requests in their order. Called under the lock.</summary>
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
