using System.Diagnostics.CodeAnalysis;

namespace ImagingIngestion.Ingest;

/// <summary>Bounds the memory of headers and metadata in all requests that store, search or retrieve.</summary>
/// <remarks>
/// A small header is free. A larger one draws on a common pool as it grows. If the pool is used up, requests wait in turn for memory that
/// others return, or for a reserve that is enough for any header and serves one request at a time. The holder of the reserve waits for
/// nothing, so requests never wait for each other.
/// </remarks>
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

    [SuppressMessage("Usage", "VSTHRD002", Justification = "A waiter that is no longer in the queue has its grant.")]
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

/// <summary>The memory that one request has drawn from the <see cref="HeaderBudget"/>; disposing it returns the memory.</summary>
public sealed class HeaderShare(HeaderBudget budget) : IDisposable
{
    private const long Step = 256 << 10;

    /// <summary>How often within the hold time a slow reader is looked at.</summary>
    private const int Looks = 60;

    private long _drawn;
    private long _covered;
    private bool _hasReserve;

    /// <summary>Covers a header that has grown to this size, waiting where that is needed; false when it took too long.</summary>
    public ValueTask<bool> CoverAsync(long bytes, CancellationToken cancellationToken)
    {
        _covered = Math.Max(_covered, bytes);
        long missing = bytes - budget.FreeBytes - _drawn;
        if (missing <= 0 || _hasReserve)
        {
            return ValueTask.FromResult(true);
        }

        long steps = (missing + Step - 1) / Step * Step;
        if (!budget.TryDraw(steps))
        {
            return WaitAsync(steps, cancellationToken);
        }

        _drawn += steps;
        return ValueTask.FromResult(true);
    }

    /// <summary>Covers bytes that an answer is about to take.</summary>
    /// <exception cref="HeaderBudgetException">There was no memory for them in time.</exception>
    public async ValueTask RequireAsync(long bytes, CancellationToken cancellationToken)
    {
        if (!await CoverAsync(bytes, cancellationToken))
        {
            throw new HeaderBudgetException();
        }
    }

    /// <summary>Sends part of an answer.</summary>
    /// <remarks>A reader that holds memory for too long loses its answer as soon as another request waits for memory.</remarks>
    /// <exception cref="HeaderBudgetException">That happened.</exception>
    public async Task SendAsync(Func<CancellationToken, Task> send, CancellationToken cancellationToken)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using ITimer timer = budget.Time.CreateTimer(_ => EndIfWanted(end), null, budget.HoldTime, budget.HoldTime / Looks);
        try
        {
            await send(end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HeaderBudgetException();
        }
    }

    /// <summary>Returns the memory above what is still held.</summary>
    /// <remarks>
    /// The garbage of a header larger than the pool is collected at once. The runtime of a machine with much memory would let it pile up
    /// with that of the next header, beside the memory that the manifest takes to write the metadata.
    /// </remarks>
    public void Shrink(long bytes)
    {
        if (_hasReserve && _covered - bytes > budget.PoolBytes)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }

        _covered = bytes;
    }

    /// <summary>Gives back what was drawn: what was covered is no longer held.</summary>
    public void Release()
    {
        Shrink(0);
        budget.Return(_drawn, _hasReserve);
        _drawn = 0;
        _hasReserve = false;
    }

    public void Dispose() => Release();

    private void EndIfWanted(CancellationTokenSource end)
    {
        if ((_hasReserve || _drawn > 0) && budget.IsWanted)
        {
            end.Cancel();
        }
    }

    private async ValueTask<bool> WaitAsync(long bytes, CancellationToken cancellationToken)
    {
        switch (await budget.WaitAsync(bytes, cancellationToken))
        {
            case HeaderGrant.Pool:
                _drawn += bytes;
                return true;
            case HeaderGrant.Reserve:
                _hasReserve = true;
                budget.Return(_drawn, reserve: false);
                _drawn = 0;
                return true;
            default:
                return false;
        }
    }
}

/// <summary>Too many requests with large headers or metadata run at once: this one may be asked again later.</summary>
public sealed class HeaderBudgetException() : Exception("Too many requests with large headers run at once: try again later.");
