namespace ImagingIngestion.Ingest;

/// <summary>
/// Bounds what headers and metadata hold in memory together, in all requests of the process that store, search or retrieve. A small header
/// is free. A larger one draws on a common pool as it grows. Where the pool is used up, requests wait in turn for what others return, or
/// for a reserve that is enough for any header and serves one request at a time. The holder of the reserve waits for nothing, so requests
/// never wait for each other.
/// </summary>
public sealed class HeaderBudget(IngestLimits limits, TimeProvider? time = null)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource<HeaderGrant> Granted)> _waiting = [];
    private long _pool = limits.HeaderPool;
    private bool _hasReserve = true;

    /// <summary>Bytes of a header that need no cover.</summary>
    public long FreeBytes => limits.FreeHeaderBytes;

    /// <summary>Bytes that all headers together draw, but for the one that has the reserve.</summary>
    internal long PoolBytes => limits.HeaderPool;

    /// <summary>How long an answer may hold memory while others wait for it.</summary>
    internal TimeSpan HoldTime => limits.HeaderHoldTime;

    internal TimeProvider Time { get; } = time ?? TimeProvider.System;

    /// <summary>A request waits for memory.</summary>
    internal bool IsWanted
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>The share of one request, to be disposed with it.</summary>
    public HeaderShare Open() => new(this);

    /// <summary>Draws on the pool, if there is enough and nobody waits.</summary>
    internal bool TryDraw(long bytes)
    {
        lock (_gate)
        {
            if (_waiting.Count > 0 || _pool < bytes)
            {
                return false;
            }

            _pool -= bytes;
            return true;
        }
    }

    /// <summary>Waits for bytes of the pool, or for the reserve.</summary>
    internal async Task<HeaderGrant> WaitAsync(long bytes, CancellationToken cancellationToken)
    {
        LinkedListNode<(long Bytes, TaskCompletionSource<HeaderGrant> Granted)> waiter;
        lock (_gate)
        {
            waiter = _waiting.AddLast((bytes, new TaskCompletionSource<HeaderGrant>(TaskCreationOptions.RunContinuationsAsynchronously)));
            Grant();
        }

        try
        {
            return await waiter.Value.Granted.Task.WaitAsync(limits.AdmissionWait, Time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            HeaderGrant late = GiveUp(waiter);
            Return(late == HeaderGrant.Pool ? bytes : 0, late == HeaderGrant.Reserve);
            if (exception is TimeoutException)
            {
                return HeaderGrant.None;
            }

            throw;
        }
    }

    internal void Return(long bytes, bool reserve)
    {
        lock (_gate)
        {
            _pool += bytes;
            _hasReserve |= reserve;
            Grant();
        }
    }

    private HeaderGrant GiveUp(LinkedListNode<(long Bytes, TaskCompletionSource<HeaderGrant> Granted)> waiter)
    {
        lock (_gate)
        {
            if (waiter.List is null)
            {
                return waiter.Value.Granted.Task.Result;
            }

            _waiting.Remove(waiter);
            return HeaderGrant.None;
        }
    }

    /// <summary>Gives the first in turn the reserve, and the pool to each for whom there is enough. Called under the lock.</summary>
    private void Grant()
    {
        for (LinkedListNode<(long Bytes, TaskCompletionSource<HeaderGrant> Granted)>? waiter =
            _waiting.First, next; waiter is not null; waiter = next)
        {
            next = waiter.Next;
            bool fits = _pool >= waiter.Value.Bytes;
            if (!fits && !_hasReserve)
            {
                continue;
            }

            _pool -= fits ? waiter.Value.Bytes : 0;
            _hasReserve &= fits;
            _waiting.Remove(waiter);
            waiter.Value.Granted.SetResult(fits ? HeaderGrant.Pool : HeaderGrant.Reserve);
        }
    }
}

/// <summary>Where memory came from.</summary>
public enum HeaderGrant
{
    None,
    Pool,
    Reserve,
}
