using System.Diagnostics.CodeAnalysis;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Grain;

/// <summary>Claims due deliveries and calls the target, several calls at a time.</summary>
/// <remarks>One loop owns all state; calls run beside it and wake it when they end.</remarks>
internal sealed partial class DeliveryPump
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);

    private readonly BindingOptions _options;
    private readonly IDeliveryQueue _queue;
    private readonly IDeliveryTarget _target;
    private readonly DeliveryCall _call;
    private readonly HeldLeases _leases;
    private readonly SettlementRecorder _settlements;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SupervisedLoop _loop;
    private readonly CircuitBreaker _breaker;
    private readonly ClaimWindow _window;
    private readonly Signal _wake;
    private readonly Queue<Delivery> _claimed = new();
    private readonly List<Task<CallOutcome>> _calls = [];
    private readonly string _owner = $"{Environment.ProcessId}-{Guid.NewGuid():N}";
    private bool _isPaused;
    private DateTimeOffset _notBefore;

    public DeliveryPump(
        BindingOptions options, IDeliveryQueue queue, IDeliveryTarget target, HeldLeases leases, SettlementRecorder settlements,
        Supervision supervision)
    {
        _options = options;
        _queue = queue;
        _target = target;
        _leases = leases;
        _settlements = settlements;
        _time = supervision.Time;
        _logger = supervision.Loggers.CreateLogger<BindingGrain>();
        _loop = supervision.Loop($"binding {options.Name}: delivering");
        _call = new DeliveryCall(options.Name, target, new RetryPolicy(options.Retry), _logger);
        _breaker = new CircuitBreaker(options.Retry, _time);
        _window = new ClaimWindow(options.Concurrency * target.BatchSize, _time);
        _wake = new Signal(_time);
    }

    /// <summary>Wakes the loop: there may be something to do.</summary>
    public void Wake() => _wake.Raise();

    /// <summary>Claims and delivers until cancelled, then waits for the running calls.</summary>
    /// <param name="abort">Ends running calls.</param>
    /// <param name="cancellationToken">Stops claiming and calling.</param>
    public async Task RunAsync(CancellationToken abort, CancellationToken cancellationToken)
    {
        await _loop.RunAsync(token => DeliverAsync(abort, token), cancellationToken).ConfigureAwait(false);
        ReleaseClaimed();
        await Task.WhenAll(_calls).ConfigureAwait(false);
        Collect();
    }

    /// <summary>Delivers what is claimed even while the store cannot be reached.</summary>
    private async Task DeliverAsync(CancellationToken abort, CancellationToken cancellationToken)
    {
        while (true)
        {
            Collect();
            Dispatch(abort);
            TimeSpan wait = await ClaimAsync(cancellationToken).ConfigureAwait(false);
            Dispatch(abort);
            await _wake.WaitAsync(wait, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the outcomes of ended calls.</summary>
    [SuppressMessage("Usage", "VSTHRD002", Justification = "The calls have ended.")]
    private void Collect()
    {
        foreach (Task<CallOutcome> ended in _calls.FindAll(call => call.IsCompleted))
        {
            _calls.Remove(ended);
            CallOutcome outcome = ended.GetAwaiter().GetResult();
            _settlements.Add(outcome.Settlements);
            Note(outcome);
        }
    }

    private void Note(CallOutcome outcome)
    {
        if (outcome.Verdict == CallVerdict.Unknown)
        {
            _notBefore = _time.GetUtcNow() + RetryPolicy.ReleaseDelay;
        }
        else if (outcome.Verdict == CallVerdict.Works && _breaker.Succeed())
        {
            LogClosed(_logger, _options.Name);
        }
        else if (outcome.Verdict == CallVerdict.Fault && _breaker.Fail(outcome.RetryAfter))
        {
            LogOpened(_logger, _options.Name, _breaker.Remaining, outcome.Settlements[0].Error);
            ReleaseClaimed();
        }
    }

    /// <summary>Claims deliveries; returns how long to wait before the next claim.</summary>
    private async Task<TimeSpan> ClaimAsync(CancellationToken cancellationToken)
    {
        int room = Room();
        TimeSpan hold = Hold();
        if (room == 0 || hold > TimeSpan.Zero)
        {
            return hold > TimeSpan.Zero ? Limit(hold) : PollInterval;
        }

        DeliveryClaim claim =
            await _queue.ClaimAsync(_options.Name, _owner, _options.Lease, room, cancellationToken).ConfigureAwait(false);
        _loop.Succeed();
        Take(claim, room);
        return claim.Deliveries.Count == room ? PollInterval : Limit(claim.NextIn ?? PollInterval);
    }

    /// <summary>Returns how many deliveries to claim: one after a break, otherwise at least half of the window.</summary>
    private int Room()
    {
        if (_breaker.IsTripped)
        {
            return _leases.Count == 0 ? 1 : 0;
        }

        int room = _window.Size - _leases.Count;
        return room >= (_window.Size + 1) / 2 ? room : 0;
    }

    private TimeSpan Hold()
    {
        TimeSpan rest = _notBefore - _time.GetUtcNow();
        TimeSpan broken = _breaker.Remaining;
        return rest > broken ? rest : broken;
    }

    private void Take(DeliveryClaim claim, int room)
    {
        if (claim.IsPaused != _isPaused)
        {
            _isPaused = claim.IsPaused;
            if (_isPaused)
            {
                LogPaused(_logger, _options.Name);
            }
            else
            {
                LogResumed(_logger, _options.Name);
            }
        }

        if (claim.Deliveries.Count > 0)
        {
            _leases.Add(claim.Deliveries);
            _window.Claimed(claim.Deliveries.Count == room);
            foreach (Delivery delivery in claim.Deliveries)
            {
                _claimed.Enqueue(delivery);
            }
        }
    }

    private void Dispatch(CancellationToken abort)
    {
        while (_claimed.Count > 0 && _calls.Count < _options.Concurrency)
        {
            List<Delivery> batch = [];
            while (batch.Count < _target.BatchSize && _claimed.TryDequeue(out Delivery? delivery))
            {
                batch.Add(delivery);
            }

            Task<CallOutcome> call = _call.RunAsync(batch, abort);
            _calls.Add(call);
            call.GetAwaiter().OnCompleted(Wake);
        }
    }

    /// <summary>Releases the deliveries that were not tried: they count no attempt.</summary>
    private void ReleaseClaimed()
    {
        _settlements.Add(_claimed.Select(delivery => new DeliverySettlement(delivery, DeliveryOutcome.Released)));
        _claimed.Clear();
    }

    private static TimeSpan Limit(TimeSpan wait) => wait < ShortestWait ? ShortestWait : wait < PollInterval ? wait : PollInterval;

    [LoggerMessage(6040, LogLevel.Warning, "The target of the binding {Binding} does not work and is not called for {Length}: {Error}")]
    private static partial void LogOpened(ILogger logger, string binding, TimeSpan length, string? error);

    [LoggerMessage(6041, LogLevel.Information, "The target of the binding {Binding} works again")]
    private static partial void LogClosed(ILogger logger, string binding);

    [LoggerMessage(6042, LogLevel.Information, "The binding {Binding} is paused: events are kept for it, and nothing is delivered")]
    private static partial void LogPaused(ILogger logger, string binding);

    [LoggerMessage(6043, LogLevel.Information, "The binding {Binding} delivers again")]
    private static partial void LogResumed(ILogger logger, string binding);
}

/// <summary>Chooses how many deliveries to hold at a time.</summary>
/// <remarks>
/// A slow target gets one round of calls, so that few deliveries are held when the binding is paused. A target that delivers as fast as the
/// pump claims gets more.
/// </remarks>
internal sealed class ClaimWindow(int round, TimeProvider time)
{
    private const int MaxSize = 512;

    private static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    private readonly int _least = Math.Min(round, MaxSize);
    private long _claimedAt = time.GetTimestamp();
    private bool _wasFull;

    public int Size { get; private set; } = Math.Min(round, MaxSize);

    /// <summary>Notes whether a claim filled the room that there was.</summary>
    public void Claimed(bool isFull)
    {
        TimeSpan since = time.GetElapsedTime(_claimedAt);
        if (since > Slow)
        {
            Size = Math.Max(_least, Size / 2);
        }
        else if (since < Fast && _wasFull && isFull)
        {
            Size = Math.Min(MaxSize, Size * 2);
        }

        _claimedAt = time.GetTimestamp();
        _wasFull = isFull;
    }
}

/// <summary>Stops calling a target that does not work.</summary>
/// <remarks>
/// After some consecutive failed calls it breaks for a while, then one small call tries the target. While that fails, the breaks grow. A
/// target that asks to wait gets a break at once, for as long as it asks. One loop uses it; calls may be running when it opens.
/// </remarks>
internal sealed class CircuitBreaker(RetryOptions options, TimeProvider time)
{
    private int _faults;
    private int _breaks;
    private DateTimeOffset? _opensUntil;

    /// <summary>No call may start before <see cref="Remaining"/> is over; the next one is a trial.</summary>
    public bool IsTripped => _opensUntil is not null;

    /// <summary>How long no call may start.</summary>
    public TimeSpan Remaining
        => _opensUntil is { } until && until - time.GetUtcNow() is { Ticks: > 0 } rest ? rest : TimeSpan.Zero;

    /// <summary>Notes that the target answered; returns true if that ends a break. Answers to calls from before the break do not.</summary>
    public bool Succeed()
    {
        if (Remaining > TimeSpan.Zero)
        {
            return false;
        }

        bool wasTripped = IsTripped;
        _faults = 0;
        _breaks = 0;
        _opensUntil = null;
        return wasTripped;
    }

    /// <summary>Notes that the target does not work; returns true if that begins a break.</summary>
    /// <param name="retryAfter">How long the target asks to wait; null if it does not.</param>
    public bool Fail(TimeSpan? retryAfter)
    {
        bool asksToWait = retryAfter > TimeSpan.Zero;
        if (Remaining > TimeSpan.Zero || (!IsTripped && ++_faults < options.BreakAfter && !asksToWait))
        {
            return false;
        }

        TimeSpan own = Backoff.Full(++_breaks, options.FirstBreak, options.MaxBreak);
        _opensUntil = time.GetUtcNow() + (asksToWait && (own < retryAfter || !IsTripped) ? retryAfter!.Value : own);
        return true;
    }
}
