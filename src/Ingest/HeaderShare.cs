namespace ImagingIngestion.Ingest;

/// <summary>What one request has drawn on the <see cref="HeaderBudget"/>; goes back when it is disposed.</summary>
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

    /// <summary>
    /// Sends part of an answer. A reader that is so slow that what was drawn is held for long loses its answer as soon as another request
    /// waits for memory.
    /// </summary>
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

    /// <summary>
    /// Says that of what was covered only so much is still held. What a header larger than the pool leaves behind is collected at once: the
    /// runtime of a machine with much memory would let it pile up with that of the next one, and keep the room beside what the manifest
    /// takes to write the metadata.
    /// </summary>
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
