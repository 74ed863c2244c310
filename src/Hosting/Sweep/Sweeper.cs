using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>
/// Deletes what no row of the manifest names any more (design D4), where the credentials of the object store are. Of several gateways of a
/// storage space one at a time does it, by a lease in the manifest; every few seconds it also raises the epoch that tells a restored
/// manifest. Behind each round it verifies a share of the objects.
/// </summary>
public sealed partial class Sweeper(
    ISweepLedger ledger, IObjectStore objects, ProviderName space, SweeperOptions options, SweeperStatus status, Supervision supervision,
    ILogger<Sweeper> logger)
    : BackgroundService
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LeaseRenewal = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LastBeatPatience = TimeSpan.FromSeconds(5);

    private readonly SupervisedLoop _beating = supervision.Loop("beat of the sweeper", BeatInterval);
    private readonly SupervisedLoop _sweeping = supervision.Loop("sweeping of objects", RetryDelay);
    private readonly string _owner = "sweeper-" + Guid.NewGuid().ToString("N");
    private readonly SweepArming _arming = new(ledger, objects, space, supervision.Time);
    private long? _leasedAt;
    private long? _failedAt;
    private DateTimeOffset? _thinnedAt;
    private Task _round = Task.CompletedTask;

    /// <summary>Makes the share of the objects that is verified behind each round.</summary>
    public required ContentShares Shares { get; init; }

    /// <summary>
    /// Compares manifest and object store before the first instance is taken in, so that the first epoch is older than all objects.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await TryAsync(token => LeaseAsync(token), Patience, cancellationToken))
        {
            await TryAsync(token => BeatAsync(token), Patience, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>
    /// Ends the round that runs, and covers what was stored until now; in a time of its own, because senders may have used up that of the
    /// stop.
    /// </summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (MayGoOn())
        {
            await TryAsync(token => BeatAsync(token), LastBeatPatience, CancellationToken.None);
            await TryAsync(token => ledger.ReleaseAsync(space, _owner, token), LastBeatPatience, CancellationToken.None);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _beating.RunAsync(BeatOnAsync, stoppingToken);
        await _round;
    }

    /// <summary>The beat goes on beside a round, however long that takes.</summary>
    private async Task BeatOnAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using (CancellationTokenSource deadline = new(Patience, supervision.Time))
            using (CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken))
            {
                if (await LeaseAsync(either.Token) && await BeatAsync(either.Token) is { IsArmed: true } standing && _round.IsCompleted)
                {
                    _round = BeginWork(standing.State, cancellationToken);
                }
            }

            _beating.Succeed();
            await _beating.PauseAsync(BeatInterval, cancellationToken);
        }
    }

    private Task BeginWork(SweepState state, CancellationToken cancellationToken)
    {
        if (IsDue(state))
        {
            _failedAt = null;
            return _sweeping.RunAsync(SweepAsync, cancellationToken);
        }

        return HasPassed(options.CrowdAge, _thinnedAt ?? state.SweptAt, state.Now)
            ? _sweeping.RunAsync(token => ThinAsync(state.Now, token), cancellationToken)
            : Task.CompletedTask;
    }

    private bool IsDue(SweepState state)
        => HasPassed(options.Interval, state.SweptAt, state.Now)
            && (_failedAt is not { } failed || supervision.Time.GetElapsedTime(failed) >= RetryDelay);

    /// <summary>A time that lies ahead was noted by a clock that was wrong.</summary>
    private static bool HasPassed(TimeSpan interval, DateTimeOffset since, DateTimeOffset now) => now - since >= interval || since > now;

    /// <summary>By a clock that also runs while the process is frozen.</summary>
    private bool MayGoOn() => _leasedAt is { } since && supervision.Time.GetElapsedTime(since) < Lease;

    private async Task<bool> LeaseAsync(CancellationToken cancellationToken)
    {
        if (_leasedAt is { } since && supervision.Time.GetElapsedTime(since) < LeaseRenewal)
        {
            return true;
        }

        // Counted from before the question, so that it ends here before it ends in the manifest.
        long asked = supervision.Time.GetTimestamp();
        _leasedAt = await ledger.TryLeaseAsync(space, _owner, Lease, cancellationToken) ? asked : null;
        status.Fault = _leasedAt is null ? null : status.Fault;
        return MayGoOn();
    }

    private async Task<SweepStanding> BeatAsync(CancellationToken cancellationToken)
    {
        SweepStanding standing = await _arming.BeatAsync(cancellationToken);
        Tell(standing);
        return standing;
    }

    /// <summary>What does not succeed at the start or at the stop is the matter of the loop, or of the next process.</summary>
    private async Task<bool> TryAsync(Func<CancellationToken, Task> action, TimeSpan patience, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(patience, supervision.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await action(either.Token);
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogUnavailable(logger, error);
            return false;
        }
    }

    /// <summary>One round; a later one follows where it was broken off because the lease or the arming ended.</summary>
    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        SweepCounts counts = await NewRound().RunAsync(cancellationToken);
        if (counts.IsComplete)
        {
            await ledger.SetSweptAsync(space, cancellationToken);
            LogSwept(logger, space.Value, counts.Listed, counts.Unnamed, counts.Dropped, counts.Aborted);
            await VerifyAsync(cancellationToken);
            return;
        }

        LogBrokenOff(logger, space.Value, counts.Listed);
        _failedAt = supervision.Time.GetTimestamp();
    }

    private async Task ThinAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        long gone = await NewRound().ThinAsync(cancellationToken);
        _thinnedAt = now;
        if (gone > 0)
        {
            LogThinned(logger, space.Value, gone, options.CrowdKept);
        }
    }

    private SweepRound NewRound()
        => new(ledger, objects, space, options, supervision.Time, () => MayGoOn() && status.Fault is null ? _arming.KnownEpoch : null);

    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        ContentCounts counts = await Shares.Next(space, options).RunAsync(MayGoOn, cancellationToken);
        if (counts.Objects > 0)
        {
            LogVerified(logger, space.Value, counts.Objects, counts.Damaged, counts.Unreadable, counts.Restored, counts.Checksums);
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

    [LoggerMessage(
        2300,
        LogLevel.Error,
        "The sweeper of storage space {Space} deletes nothing: {Reason}. Run the command check, and arm it when all is well")]
    private static partial void LogDisarmed(ILogger logger, string space, string reason);

    [LoggerMessage(2301, LogLevel.Information, "The sweeper of storage space {Space} is armed")]
    private static partial void LogArmed(ILogger logger, string space);

    [LoggerMessage(2302, LogLevel.Warning, "The sweeper cannot ask a store now")]
    private static partial void LogUnavailable(ILogger logger, Exception error);

    [LoggerMessage(2303, LogLevel.Information, "Swept {Space}: of {Listed} objects {Unnamed} that nobody named were deleted, besides "
        + "{Dropped} that rows had dropped and {Aborted} unfinished uploads")]
    private static partial void LogSwept(ILogger logger, string space, long listed, long unnamed, long dropped, long aborted);

    [LoggerMessage(2304, LogLevel.Warning, "The sweep of {Space} was broken off after {Listed} objects; it begins again later")]
    private static partial void LogBrokenOff(ILogger logger, string space, long listed);

    [LoggerMessage(2307, LogLevel.Warning, "Deleted {Count} objects of {Space} before their time: a sender sends other content of one "
        + "instance again and again, and {Kept} dropped objects of an instance are kept")]
    private static partial void LogThinned(ILogger logger, string space, long count, int kept);

    [LoggerMessage(2306, LogLevel.Information, "Verified {Objects} objects of {Space}: {Damaged} are damaged, {Unreadable} could not be "
        + "read, {Restored} are good again, {Checksums} were given a checksum")]
    private static partial void LogVerified(
        ILogger logger, string space, long objects, long damaged, long unreadable, long restored, long checksums);
}
