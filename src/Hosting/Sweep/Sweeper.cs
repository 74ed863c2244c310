using ImagingIngestion.Hosting.Health;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>
/// Deletes objects that no row of the manifest names any more (docs/design.md, Sweeping), in a process with the credentials of the object
/// store.
/// </summary>
/// <remarks>
/// A lease in the manifest allows one gateway of a storage space at a time. Every few seconds it also raises the epoch by which a restored
/// manifest is detected. After each round it verifies a share of the objects.
/// </remarks>
public sealed partial class Sweeper(
    ISweepLedger ledger, IObjectStore objects, ProviderName space, SweeperOptions options, SweeperStatus status, Supervision supervision,
    ILogger<Sweeper> logger)
    : BackgroundService
{
    private static readonly TimeSpan EpochInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LeaseRenewal = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly SupervisedLoop _advancing = supervision.Loop("epoch of the sweeper", EpochInterval);
    private readonly SupervisedLoop _sweeping = supervision.Loop("sweeping of objects", RetryDelay);
    private readonly string _owner = "sweeper-" + Guid.NewGuid().ToString("N");
    private readonly SweepArming _arming = new(ledger, objects, space, supervision.Time);
    private long? _leasedAt;
    private long? _failedAt;
    private DateTimeOffset? _crowdsDeletedAt;
    private Task _round = Task.CompletedTask;

    /// <summary>Creates the share of the objects to verify after each round.</summary>
    public required ContentShares Shares { get; init; }

    /// <summary>
    /// Compares manifest and object store before the first instance arrives, so that the first epoch is older than all objects.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await TryAsync(token => LeaseAsync(token), StoreTimeout, cancellationToken))
        {
            await TryAsync(token => AdvanceAsync(token), StoreTimeout, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>Ends the running round, and covers with an epoch what was stored until now.</summary>
    /// <remarks>It has its own timeout, because senders may have used up that of the stop.</remarks>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (MayGoOn())
        {
            await TryAsync(token => AdvanceAsync(token), StopTimeout, CancellationToken.None);
            await TryAsync(token => ledger.ReleaseAsync(space, _owner, token), StopTimeout, CancellationToken.None);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _advancing.RunAsync(AdvanceAndSweepAsync, stoppingToken);
        await _round;
    }

    /// <summary>Advances the epoch and starts rounds, which run beside it however long they take.</summary>
    private async Task AdvanceAndSweepAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using (Deadline deadline = new(StoreTimeout, supervision.Time, cancellationToken))
            {
                if (await LeaseAsync(deadline.Token)
                    && await AdvanceAsync(deadline.Token) is { IsArmed: true } standing
                    && _round.IsCompleted)
                {
                    _round = BeginWorkAsync(standing.State, cancellationToken);
                }
            }

            _advancing.Succeed();
            await _advancing.PauseAsync(EpochInterval, cancellationToken);
        }
    }

    private Task BeginWorkAsync(SweepState state, CancellationToken cancellationToken)
    {
        if (IsDue(state))
        {
            _failedAt = null;
            return _sweeping.RunAsync(SweepAsync, cancellationToken);
        }

        return HasPassed(options.CrowdAge, _crowdsDeletedAt ?? state.SweptAt, state.Now)
            ? _sweeping.RunAsync(token => DeleteCrowdsAsync(state.Now, token), cancellationToken)
            : Task.CompletedTask;
    }

    private bool IsDue(SweepState state)
        => HasPassed(options.Interval, state.SweptAt, state.Now)
            && (_failedAt is not { } failed || supervision.Time.GetElapsedTime(failed) >= RetryDelay);

    /// <summary>Returns whether the interval has passed. A time in the future came from a wrong clock.</summary>
    private static bool HasPassed(TimeSpan interval, DateTimeOffset since, DateTimeOffset now) => now - since >= interval || since > now;

    /// <summary>Returns whether the lease still holds, by a clock that also runs while the process is frozen.</summary>
    private bool MayGoOn() => _leasedAt is { } since && supervision.Time.GetElapsedTime(since) < Lease;

    private async Task<bool> LeaseAsync(CancellationToken cancellationToken)
    {
        if (_leasedAt is { } since && supervision.Time.GetElapsedTime(since) < LeaseRenewal)
        {
            return true;
        }

        // The lease counts from before the call, so that it ends here before it ends in the manifest.
        long asked = supervision.Time.GetTimestamp();
        _leasedAt = await ledger.TryLeaseAsync(space, _owner, Lease, cancellationToken) ? asked : null;
        status.Fault = _leasedAt is null ? null : status.Fault;
        return MayGoOn();
    }

    private async Task<SweepStanding> AdvanceAsync(CancellationToken cancellationToken)
    {
        SweepStanding standing = await _arming.AdvanceAsync(cancellationToken);
        Report(standing);
        return standing;
    }

    /// <summary>Tries an action at the start or the stop. After a failure the loop, or the next process, does it.</summary>
    private async Task<bool> TryAsync(Func<CancellationToken, Task> action, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using Deadline deadline = new(timeout, supervision.Time, cancellationToken);
        try
        {
            await action(deadline.Token);
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogUnavailable(logger, error);
            return false;
        }
    }

    /// <summary>Runs one round. If the lease or the arming ends, another one follows later.</summary>
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

        LogInterrupted(logger, space.Value, counts.Listed);
        _failedAt = supervision.Time.GetTimestamp();
    }

    private async Task DeleteCrowdsAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        long gone = await NewRound().DeleteCrowdsAsync(cancellationToken);
        _crowdsDeletedAt = now;
        if (gone > 0)
        {
            LogCrowdsDeleted(logger, space.Value, gone, options.CrowdKept);
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

    private void Report(SweepStanding standing)
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

    [LoggerMessage(2302, LogLevel.Warning, "The sweeper cannot reach a store now")]
    private static partial void LogUnavailable(ILogger logger, Exception error);

    [LoggerMessage(2303, LogLevel.Information, "Swept {Space}: listed {Listed} objects; deleted {Unnamed} that no row "
        + "names and {Dropped} that rows had dropped; aborted {Aborted} unfinished uploads")]
    private static partial void LogSwept(ILogger logger, string space, long listed, long unnamed, long dropped, long aborted);

    [LoggerMessage(2304, LogLevel.Warning, "The sweep of {Space} was interrupted after {Listed} objects; it starts over later")]
    private static partial void LogInterrupted(ILogger logger, string space, long listed);

    [LoggerMessage(2307, LogLevel.Warning, "Deleted {Count} dropped objects of {Space} early: a sender replaces one "
        + "instance again and again, and only {Kept} dropped objects of an instance are kept")]
    private static partial void LogCrowdsDeleted(ILogger logger, string space, long count, int kept);

    [LoggerMessage(2306, LogLevel.Information, "Verified {Objects} objects of {Space}: {Damaged} are damaged, {Unreadable} could not be "
        + "read, {Restored} are good again, {Checksums} were given a checksum")]
    private static partial void LogVerified(
        ILogger logger, string space, long objects, long damaged, long unreadable, long restored, long checksums);
}

/// <summary>The status of this process's sweeper for health checks.</summary>
public sealed class SweeperStatus
{
    private volatile string? _fault;

    /// <summary>Why nothing is deleted until an operator has checked; null if nothing is wrong, or another process sweeps.</summary>
    public string? Fault
    {
        get => _fault;
        internal set => _fault = value;
    }
}

/// <summary>Registers the sweeper of a storage space.</summary>
public static class SweeperRegistration
{
    /// <summary>Adds the sweeper; needs an object store and an <see cref="ISweepLedger"/>.</summary>
    /// <remarks>Registered before the services that take instances, so that it starts before them and stops after them.</remarks>
    public static IServiceCollection AddSweeper(this IServiceCollection services)
    {
        services.AddSupervision();
        services.TryAddSingleton<DamageReports>();
        services.TryAddSingleton<ContentShares>();
        services.AddSingleton<SweeperStatus>();
        services.AddWorkCheck("sweeper", provider => new SweeperCheck(provider.GetRequiredService<SweeperStatus>()));
        return services.AddHostedService(provider => new Sweeper(
            provider.GetRequiredService<ISweepLedger>(),
            provider.GetRequiredService<IObjectStore>(),
            provider.GetRequiredService<IOptions<ProviderOptions>>().Value.Space,
            provider.GetRequiredService<IOptions<SweeperOptions>>().Value,
            provider.GetRequiredService<SweeperStatus>(),
            provider.GetRequiredService<Supervision>(),
            provider.GetRequiredService<ILogger<Sweeper>>())
        {
            Shares = provider.GetRequiredService<ContentShares>(),
        });
    }
}
