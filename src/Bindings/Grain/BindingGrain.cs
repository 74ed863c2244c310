using ImagingIngestion.Grains;
using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings;

/// <summary>
/// One binding in one process: turns events into deliveries, delivers them, and records what became of them (design promise 4). It knows no host, and
/// survives outages of the store and of the target. Several may run for one binding: leases keep them apart.
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
    private readonly HeldLeases _leases;
    private readonly Settling _settling;
    private readonly FanOut _fanOut;
    private readonly DeliveryPump _pump;

    public BindingGrain(BindingOptions options, IDeliveryQueue queue, IEventLog events, IDeliveryTarget target, TimeProvider time, ILogger logger)
    {
        _definition = BindingDefinitions.Of(options);
        _queue = queue;
        _target = target;
        _time = time;
        _logger = logger;
        _leases = new HeldLeases(options.Name, queue, time, logger);
        _settling = new Settling(options.Name, queue, _leases, time, logger);
        _fanOut = new FanOut(_definition, queue, events, time, logger);
        _pump = new DeliveryPump(options, queue, target, _leases, _settling, time, logger);
        _settling.Settled = _pump.Wake;
        _fanOut.Advanced = _pump.Wake;
    }

    /// <summary>How long calls may take to end after the grain was told to stop; then they are cancelled and what they had counts as not tried.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Runs until it is told to stop; returns when calls have ended and their results are recorded. Never fails.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RegisterAsync(cancellationToken).ConfigureAwait(false);
            await RunLoopsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It was told to stop before it began.
        }
    }

    private async Task RunLoopsAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource abort = new();
        using CancellationTokenSource ended = new();
        Task leases = KeepAsync(_leases.RenewAsync, ended.Token);
        Task settling = KeepAsync(_settling.RunAsync, ended.Token);
        Task fanOut = KeepAsync(_fanOut.RunAsync, cancellationToken);
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
        await KeepAsync(stop => _pump.RunAsync(abort, stop), cancellationToken).ConfigureAwait(false);
    }

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        Pause pause = new(_time);
        while (true)
        {
            try
            {
                await _queue.RegisterAsync(_definition, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                if (!pause.HasFailed)
                {
                    LogRegisterFailed(_logger, _definition.Name, error);
                }

                await pause.FailAsync(cancellationToken).ConfigureAwait(false);
            }
        }
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

    /// <summary>Runs a loop until it ends by itself or is cancelled. A mistake in it must not end the binding: it begins again with what it holds.</summary>
    private async Task KeepAsync(Func<CancellationToken, Task> loop, CancellationToken cancellationToken)
    {
        Pause pause = new(_time);
        try
        {
            while (!await TryRunAsync(loop, cancellationToken).ConfigureAwait(false))
            {
                await pause.FailAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A loop ends by being cancelled.
        }
    }

    private async Task<bool> TryRunAsync(Func<CancellationToken, Task> loop, CancellationToken cancellationToken)
    {
        try
        {
            await loop(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogLoopFailed(_logger, _definition.Name, error);
            return false;
        }
    }
}
