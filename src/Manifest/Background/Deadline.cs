namespace ImagingIngestion.Manifest.Background;

/// <summary>Cancels work when its caller does, or when a time is over.</summary>
public sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _link;
    private readonly CancellationToken _caller;

    /// <param name="length">How long the work may take from now on.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">The token of the caller.</param>
    public Deadline(TimeSpan length, TimeProvider time, CancellationToken cancellationToken)
    {
        _source = new CancellationTokenSource(length, time);
        _link = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        _caller = cancellationToken;
    }

    /// <summary>The token for the work.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The time is over, and the caller has not cancelled.</summary>
    public bool HasExpired => _source.IsCancellationRequested && !_caller.IsCancellationRequested;

    public void Dispose()
    {
        _link.Dispose();
        _source.Dispose();
    }
}
