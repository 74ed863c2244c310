using ImagingIngestion.Grains;
using ImagingIngestion.Options;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways;

/// <summary>
/// Deletes what no row of the manifest names any more (design D4), where the credentials of the object store are. Of several gateways of a
/// storage space one at a time does it, by a lease in the manifest; every few seconds it also raises the epoch that tells a restored manifest.
/// Behind each round it verifies a share of the objects.
/// </summary>
public sealed partial class Sweeper(
    ISweepLedger ledger, IObjectStore objects, ProviderName space, SweeperOptions options, SweeperStatus status, TimeProvider time, ILogger<Sweeper> logger)
    : BackgroundService
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LeaseRenewal = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LastBeatPatience = TimeSpan.FromSeconds(5);

    private readonly string _owner = "sweeper-" + Guid.NewGuid().ToString("N");
    private readonly SweepArming _arming = new(ledger, objects, space, time);
    private long? _leasedAt;
    private long? _failedAt;
    private bool _isQuiet;

    /// <summary>Makes the share of the objects that is verified behind each round.</summary>
    public required ContentShares Shares { get; init; }

    /// <summary>Compares manifest and object store before the first instance is taken in, so that the first epoch is older than all objects.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryLeaseAsync(cancellationToken);
        await TryBeatAsync(Patience, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Ends the round that runs, and covers what was stored until now; in a time of its own, because senders may have used up that of the stop.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (MayGoOn())
        {
            await TryBeatAsync(LastBeatPatience, CancellationToken.None);
            await TryReleaseAsync(CancellationToken.None);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Task round = Task.CompletedTask;
        try
        {
            using PeriodicTimer timer = new(BeatInterval, time);
            do
            {
                if (await TryLeaseAsync(stoppingToken) && await TryBeatAsync(Patience, stoppingToken) is { IsArmed: true } standing && round.IsCompleted && IsDue(standing.State))
                {
                    // The beat goes on beside the round, however long that takes.
                    round = SweepAsync(stoppingToken);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await round;
        }
    }

    private static bool IsStoreFault(Exception error, CancellationToken cancellationToken)
        => error is ManifestUnavailableException or ObjectStoreException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private bool IsDue(SweepState state)
        => state.Now - state.SweptAt >= options.Interval && (_failedAt is not { } failed || time.GetElapsedTime(failed) >= RetryDelay);

    /// <summary>By a clock that also runs while the process is frozen.</summary>
    private bool MayGoOn() => _leasedAt is { } since && time.GetElapsedTime(since) < Lease;

    private async Task<bool> TryLeaseAsync(CancellationToken cancellationToken)
    {
        if (_leasedAt is { } since && time.GetElapsedTime(since) < LeaseRenewal)
        {
            return true;
        }

        // Counted from before the question, so that it ends here before it ends in the manifest.
        long asked = time.GetTimestamp();
        try
        {
            _leasedAt = await ledger.TryLeaseAsync(space, _owner, Lease, cancellationToken) ? asked : null;
            status.Fault = _leasedAt is null ? null : status.Fault;
        }
        catch (Exception error) when (IsStoreFault(error, cancellationToken))
        {
            Complain(error);
        }

        return MayGoOn();
    }

    /// <summary>Null when a store could not be asked; what was known of the manifest then counts no more for a new round.</summary>
    private async Task<SweepStanding?> TryBeatAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            SweepStanding standing = await _arming.BeatAsync(either.Token);
            Tell(standing);
            _isQuiet = false;
            return standing;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Complain(error);
            return null;
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        _failedAt = null;
        try
        {
            SweepRound round = new(ledger, objects, space, options, time, () => MayGoOn() && status.Fault is null ? _arming.KnownEpoch : null);
            SweepCounts counts = await round.RunAsync(cancellationToken);
            if (counts.IsComplete)
            {
                await ledger.SetSweptAsync(space, cancellationToken);
                LogSwept(logger, space.Value, counts.Listed, counts.Unnamed, counts.Dropped, counts.Aborted);
                await VerifyAsync(cancellationToken);
                return;
            }

            LogBrokenOff(logger, space.Value, counts.Listed);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error) when (IsStoreFault(error, cancellationToken))
        {
            LogUnavailable(logger, error);
        }
        catch (Exception error)
        {
            LogFailed(logger, error);
        }

        _failedAt = time.GetTimestamp();
    }

    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        ContentCounts counts = await Shares.Next(space, options).RunAsync(MayGoOn, cancellationToken);
        if (counts.Objects > 0)
        {
            LogVerified(logger, space.Value, counts.Objects, counts.Damaged, counts.Unreadable, counts.Restored, counts.Checksums);
        }
    }

    private async Task TryReleaseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ledger.ReleaseAsync(space, _owner, cancellationToken);
        }
        catch (Exception error) when (error is ManifestUnavailableException or OperationCanceledException)
        {
            // The lease ends by itself.
            _leasedAt = null;
        }
    }

    private void Tell(SweepStanding standing)
    {
        if (standing.Fault == status.Fault)
        {
            return;
        }

        bool wasArmed = status.Fault is null;
        status.Fault = standing.Fault;
        if (standing.Fault is { } fault)
        {
            LogDisarmed(logger, space.Value, fault);
        }
        else if (!wasArmed)
        {
            LogArmed(logger, space.Value);
        }
    }

    /// <summary>Once, until it works again.</summary>
    private void Complain(Exception error)
    {
        if (!_isQuiet)
        {
            _isQuiet = true;
            LogUnavailable(logger, error);
        }
    }
}
