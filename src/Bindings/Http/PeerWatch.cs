namespace ImagingIngestion.Bindings.Http;

/// <summary>Ends one request when its peer keeps us waiting too long, in one step or in total.</summary>
/// <remarks>
/// Only time inside steps counts: between them the peer waits for us. Transferred bytes earn time back, up to the limit: a slow peer that
/// makes progress keeps its allowance, one that drips uses it up.
/// </remarks>
internal sealed class PeerWatch : IDisposable
{
    /// <summary>The rate below which a peer uses up its allowance.</summary>
    public const int LeastBytesPerSecond = 8 << 10;

    private readonly WaitLimits _limits;
    private readonly string _peer;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _late;
    private readonly CancellationTokenSource _either;
    private TimeSpan _slack;
    private long _begun;
    private bool _isOutOfSlack;

    /// <param name="limits">How long the peer may keep us waiting.</param>
    /// <param name="peer">The name of the peer in messages.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">The token of the caller.</param>
    public PeerWatch(WaitLimits limits, string peer, TimeProvider time, CancellationToken cancellationToken)
    {
        _limits = limits;
        _peer = peer;
        _time = time;
        _slack = limits.Slack;
        _late = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _late.Token);
    }

    /// <summary>Cancelled by the caller, or because the peer is too slow.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>The peer was too slow.</summary>
    public bool HasExpired => _late.IsCancellationRequested;

    /// <summary>Begins to wait for the answer, with a new allowance: the body of the request is sent, or there is none.</summary>
    public void BeginAnswer()
    {
        _slack = _limits.Slack;
        Begin();
    }

    /// <summary>Begins a step.</summary>
    public void Begin()
    {
        _begun = _time.GetTimestamp();
        _isOutOfSlack = _slack < _limits.Idle;
        _late.CancelAfter(!_isOutOfSlack ? _limits.Idle : _slack > TimeSpan.Zero ? _slack : TimeSpan.Zero);
    }

    /// <summary>Ends a step.</summary>
    /// <param name="bytes">How many bytes the peer took or sent in it.</param>
    public void End(int bytes)
    {
        _late.CancelAfter(Timeout.InfiniteTimeSpan);
        TimeSpan left = _slack - _time.GetElapsedTime(_begun) + TimeSpan.FromSeconds((double)bytes / LeastBytesPerSecond);
        _slack = left < _limits.Slack ? left : _limits.Slack;
    }

    public TargetException Expired(Exception inner) => new(
        _isOutOfSlack
            ? $"{_peer} kept us waiting, in all, for {_limits.Slack.TotalSeconds:0.#} s more than {LeastBytesPerSecond >> 10} KiB a second "
                + "take."
            : $"{_peer} took nothing of the request and sent nothing of an answer for {_limits.Idle.TotalSeconds:0.#} s.",
        inner);

    public void Dispose()
    {
        _either.Dispose();
        _late.Dispose();
    }
}

/// <summary>How long a peer may keep us waiting.</summary>
/// <param name="Idle">In one step in which it takes nothing and sends nothing.</param>
/// <param name="Slack">
/// In total, within the body of a request and again within its answer, beyond what its bytes need at
/// <see cref="PeerWatch.LeastBytesPerSecond"/>.
/// </param>
internal readonly record struct WaitLimits(TimeSpan Idle, TimeSpan Slack);
