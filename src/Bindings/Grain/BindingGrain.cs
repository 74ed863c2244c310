using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Grain;

/// <summary>
/// One binding in one process: turns events into deliveries, delivers them, and records the results (docs/design.md, promise 4).
/// </summary>
/// <remarks>
/// It knows no host, and survives outages of the store and of the target. Several may run for one binding: leases keep them apart.
/// </remarks>
public sealed partial class BindingGrain
{
    private static readonly TimeSpan ExamineTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The time for recording the last results at the end.</summary>
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(2);

    private readonly BindingDefinition _definition;
    private readonly IDeliveryQueue _queue;
    private readonly IDeliveryTarget _target;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SupervisedLoop _registering;
    private readonly HeldLeases _leases;
    private readonly SettlementRecorder _settlements;
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
        _leases = new HeldLeases(options, queue, supervision);
        _settlements = new SettlementRecorder(options.Name, queue, _leases, supervision);
        _fanOut = new FanOut(_definition, queue, events, supervision);
        _pump = new DeliveryPump(options, queue, target, _leases, _settlements, supervision);
        _settlements.Settled = _pump.Wake;
        _fanOut.Advanced = _pump.Wake;
    }

    /// <summary>How long calls may run after the stop; then they are cancelled, and their deliveries count as not tried.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Runs until cancelled; returns when calls have ended and their results are recorded. Never throws.</summary>
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
        Task settling = _settlements.RunAsync(ended.Token);
        Task fanOut = _fanOut.RunAsync(cancellationToken);
        Task delivering = DeliverAsync(abort.Token, cancellationToken);

        await using CancellationTokenRegistration grace = cancellationToken.Register(() => abort.CancelAfter(StopGrace));
        await delivering.ConfigureAwait(false);
        await fanOut.ConfigureAwait(false);
        _settlements.Complete();
        ended.CancelAfter(SettleTimeout);
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
        using Deadline deadline = new(ExamineTimeout, _time, cancellationToken);
        try
        {
            await Task.Run(() => _target.ExamineAsync(deadline.Token), deadline.Token).WaitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogExamineFailed(_logger, _definition.Name, error);
        }
        catch (OperationCanceledException)
        {
            // The binding was stopped meanwhile; the pump sees that too.
        }
    }

    [LoggerMessage(6001, LogLevel.Warning, "The target of the binding {Binding} could not be examined; deliveries begin anyway")]
    private static partial void LogExamineFailed(ILogger logger, string binding, Exception error);
}

/// <summary>Turns events into deliveries of one binding, whether or not its target works.</summary>
/// <remarks>The log may remove only events that every binding has turned into deliveries.</remarks>
internal sealed class FanOut(BindingDefinition binding, IDeliveryQueue queue, IEventLog events, Supervision supervision)
{
    private const int EventsPerTransaction = 512;

    /// <summary>Events within this time share a transaction, so that ingest does not pay for one each.</summary>
    private static readonly TimeSpan GatheringTime = TimeSpan.FromMilliseconds(100);

    /// <summary>Gives ingest a turn between the transactions of a backlog.</summary>
    private static readonly TimeSpan PauseBetweenBatches = TimeSpan.FromMilliseconds(5);

    /// <summary>Finds events that the hint of the log missed, or that another process wrote.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

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
            FanOutResult turned = await queue.FanOutAsync(binding, EventsPerTransaction, cancellationToken).ConfigureAwait(false);
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
                await _loop.PauseAsync(PauseBetweenBatches, cancellationToken).ConfigureAwait(false);
            }
            else if (hasAdvanced)
            {
                await _loop.PauseAsync(GatheringTime, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                // A wrong hint may stay wrong for long: the log of a restored database has fewer events than the hint said.
                if (_isHinted)
                {
                    await _loop.PauseAsync(GatheringTime, cancellationToken).ConfigureAwait(false);
                    _isHinted = false;
                }

                EnsureWatching(cursor, cancellationToken);
                await _wake.WaitAsync(PollInterval, cancellationToken).ConfigureAwait(false);
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
            // The next poll finds what a failed hint missed.
        }
    }
}
