using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Grain;

/// <summary>
/// One binding in one process: turns events into deliveries, delivers them, and records what became of them (design promise 4). It knows no
/// host, and survives outages of the store and of the target. Several may run for one binding: leases keep them apart.
/// </summary>
public sealed partial class BindingGrain
{
    private static readonly TimeSpan ExaminePatience = TimeSpan.FromSeconds(30);

    /// <summary>For recording the last results at the end.</summary>
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(2);

    private readonly BindingDefinition _definition;
    private readonly IDeliveryQueue _queue;
    private readonly IDeliveryTarget _target;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SupervisedLoop _registering;
    private readonly HeldLeases _leases;
    private readonly Settling _settling;
    private readonly FanOut _fanOut;
    private readonly DeliveryPump _pump;

    public BindingGrain(BindingOptions options, IDeliveryQueue queue, IEventLog events, IDeliveryTarget target, Supervision supervision)
    {
        _definition = BindingDefinitions.Of(options);
        _queue = queue;
        _target = target;
        _time = supervision.Time;
        _logger = supervision.Loggers.CreateLogger<BindingGrain>();
        _registering = supervision.Loop($"binding {options.Name}: registering");
        _leases = new HeldLeases(options.Name, queue, supervision);
        _settling = new Settling(options.Name, queue, _leases, supervision);
        _fanOut = new FanOut(_definition, queue, events, supervision);
        _pump = new DeliveryPump(options, queue, target, _leases, _settling, supervision);
        _settling.Settled = _pump.Wake;
        _fanOut.Advanced = _pump.Wake;
    }

    /// <summary>
    /// How long calls may take to end after the grain was told to stop; then they are cancelled and what they had counts as not tried.
    /// </summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Runs until it is told to stop; returns when calls have ended and their results are recorded. Never fails.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _registering.RunAsync(token => _queue.RegisterAsync(_definition, token), cancellationToken).ConfigureAwait(false);
        if (!cancellationToken.IsCancellationRequested)
        {
            await RunLoopsAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RunLoopsAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource abort = new();
        using CancellationTokenSource ended = new();
        Task leases = _leases.RunAsync(ended.Token);
        Task settling = _settling.RunAsync(ended.Token);
        Task fanOut = _fanOut.RunAsync(cancellationToken);
        Task delivering = DeliverAsync(abort.Token, cancellationToken);

        await using CancellationTokenRegistration grace = cancellationToken.Register(() => abort.CancelAfter(StopGrace));
        await delivering.ConfigureAwait(false);
        await fanOut.ConfigureAwait(false);
        _settling.Complete();
        ended.CancelAfter(SettlePatience);
        await settling.ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await leases.ConfigureAwait(false);
    }

    private async Task DeliverAsync(CancellationToken abort, CancellationToken cancellationToken)
    {
        await ExamineAsync(cancellationToken).ConfigureAwait(false);
        await _pump.RunAsync(abort, cancellationToken).ConfigureAwait(false);
    }

    private async Task ExamineAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(ExaminePatience, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await Task.Run(() => _target.ExamineAsync(either.Token), either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogExamineFailed(_logger, _definition.Name, error);
        }
        catch (OperationCanceledException)
        {
            // It was told to stop meanwhile; the pump sees that too.
        }
    }

    [LoggerMessage(6001, LogLevel.Warning, "The target of the binding {Binding} could not be looked at; deliveries begin all the same")]
    private static partial void LogExamineFailed(ILogger logger, string binding, Exception error);
}

/// <summary>
/// Turns events into deliveries of one binding, whether or not its target works: the log may forget only what every binding has turned.
/// </summary>
internal sealed class FanOut(BindingDefinition binding, IDeliveryQueue queue, IEventLog events, Supervision supervision)
{
    private const int EventsAtOnce = 512;

    /// <summary>Events that come up within this time share a transaction, so that ingest does not pay for one each.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <summary>Between the transactions of a backlog, ingest has its turn.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(5);

    /// <summary>The hint of the log may be missed, and another process may have written.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly SupervisedLoop _loop = supervision.Loop($"binding {binding.Name}: turning events into deliveries");
    private readonly Signal _wake = new(supervision.Time);
    private Task _watch = Task.CompletedTask;
    private volatile bool _isHinted;

    /// <summary>Called when there may be new deliveries.</summary>
    public Action Advanced { get; set; } = () => { };

    /// <summary>Runs until it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => _loop.RunAsync(TurnAsync, cancellationToken);

    private async Task TurnAsync(CancellationToken cancellationToken)
    {
        long cursor = -1;
        while (true)
        {
            FanOutResult turned = await queue.FanOutAsync(binding, EventsAtOnce, cancellationToken).ConfigureAwait(false);
            _loop.Succeed();
            bool hasAdvanced = turned.Cursor != cursor || turned.HasMore;
            cursor = turned.Cursor;
            if (hasAdvanced)
            {
                _isHinted = false;
                Advanced();
            }

            if (turned.HasMore)
            {
                await _loop.PauseAsync(Breath, cancellationToken).ConfigureAwait(false);
            }
            else if (hasAdvanced)
            {
                await _loop.PauseAsync(Pace, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                // A hint that was wrong once may be wrong for long: the log of a restored database has fewer events than were heard of.
                if (_isHinted)
                {
                    await _loop.PauseAsync(Pace, cancellationToken).ConfigureAwait(false);
                    _isHinted = false;
                }

                EnsureWatching(cursor, cancellationToken);
                await _wake.WaitAsync(Poll, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void EnsureWatching(long cursor, CancellationToken cancellationToken)
    {
        if (_watch.IsCompleted)
        {
            _watch = WatchAsync(cursor, cancellationToken);
        }
    }

    private async Task WatchAsync(long cursor, CancellationToken cancellationToken)
    {
        try
        {
            await events.WaitAsync(cursor, cancellationToken).ConfigureAwait(false);
            _isHinted = true;
            _wake.Raise();
        }
        catch (Exception error) when (error is OperationCanceledException or ManifestUnavailableException)
        {
            // A hint that fails is found by looking.
        }
    }
}
