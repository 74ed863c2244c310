namespace ImagingIngestion.Manifest.Background;

/// <summary>Cancels work when its caller does, or when a time is over.</summary>
public sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;
    private readonly CancellationToken _caller;

    /// <param name="length">How long the work may take from now on.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">The token of the caller.</param>
    public Deadline(TimeSpan length, TimeProvider time, CancellationToken cancellationToken)
    {
        _timer = new CancellationTokenSource(length, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellationToken);
        _caller = cancellationToken;
    }

    /// <summary>The token for the work.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>The time is over, and the caller has not cancelled.</summary>
    public bool HasExpired => _timer.IsCancellationRequested && !_caller.IsCancellationRequested;

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
