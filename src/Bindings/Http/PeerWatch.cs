namespace ImagingIngestion.Bindings.Http;

/// <summary>
/// Ends one request when its peer lets us wait too long, in one step or in all. Only the time inside steps counts: between them the peer
/// waits for us.
/// </summary>
/// <remarks>
/// Bytes that pass give slack back, never above the limit: a peer that is slow but works keeps its slack, one that drips uses it up.
/// </remarks>
internal sealed class PeerWatch : IDisposable
{
    /// <summary>The pace below which a peer uses up its slack.</summary>
    public const int LeastBytesPerSecond = 8 << 10;

    private readonly WaitLimits _limits;
    private readonly string _peer;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _late;
    private readonly CancellationTokenSource _either;
    private TimeSpan _slack;
    private long _begun;
    private bool _isOutOfSlack;

    /// <param name="limits">How long the peer may let us wait.</param>
    /// <param name="peer">The peer in messages.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Of the caller.</param>
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

    /// <summary>The body of the request is sent, or there is none: begins to wait for the answer, which has a slack of its own.</summary>
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
    /// <param name="bytes">How many the peer took or sent in it.</param>
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

/// <summary>A call of a target failed; the message tells an operator why, without secrets and without patient data.</summary>
public sealed class TargetException(string message, Exception? inner = null) : HttpRequestException(message, inner);

/// <summary>How long a peer may let us wait.</summary>
/// <param name="Idle">For a step in which it takes nothing and sends nothing.</param>
/// <param name="Slack">
/// In all, within the body of a request and again within its answer, beyond what its bytes need at
/// <see cref="PeerWatch.LeastBytesPerSecond"/>.
/// </param>
internal readonly record struct WaitLimits(TimeSpan Idle, TimeSpan Slack);
