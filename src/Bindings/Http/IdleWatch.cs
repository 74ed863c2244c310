namespace ImagingIngestion.Bindings;

/// <summary>Ends one request when the target lets a step of it wait too long. Only the time inside steps counts: between them the target waits for us.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _either;

    public IdleWatch(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        _limit = limit;
        _idle = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _idle.Token);
    }

    /// <summary>Cancelled by the caller, or because a step takes too long.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>A step took too long.</summary>
    public bool HasExpired => _idle.IsCancellationRequested;

    public void Begin() => _idle.CancelAfter(_limit);

    public void End() => _idle.CancelAfter(Timeout.InfiniteTimeSpan);

    public TargetException Expired(Exception inner)
        => new($"The target took nothing of the request and sent nothing of an answer for {_limit.TotalSeconds:0.#} s.", inner);

    public void Dispose()
    {
        _either.Dispose();
        _idle.Dispose();
    }
}
