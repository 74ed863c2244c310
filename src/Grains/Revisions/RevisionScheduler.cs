using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Grains.Revisions;

/// <summary>Closes revisions when they are due (docs/design.md, promise 3).</summary>
/// <remarks>
/// The due times are in the manifest store: this loop only claims and calls, so that a restart, several silos or a pause neither lose nor
/// double a revision. It stops before the grain host, after its running calls.
/// </remarks>
internal sealed class RevisionScheduler(
    IRevisionQueue queue, RevisionCloser closer, IOptions<RevisionOptions> options, IOptions<GrainOptions> grains, Supervision supervision)
    : IHostedService, IDisposable
{
    private readonly GrainOptions _grains = grains.Value;
    private readonly RevisionOptions _options = options.Value;
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);

    private readonly string _owner = "silo-" + Guid.NewGuid().ToString("N");
    private readonly SupervisedLoop _loop = supervision.Loop("closing of due revisions");
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _slots = new(options.Value.Concurrency, options.Value.Concurrency);
    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(() => _loop.RunAsync(CloseDueAsync, _stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Stops claiming, and waits for the running calls.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        try
        {
            await _running.WaitAsync(cancellationToken);
            for (int slot = 0; slot < _options.Concurrency; slot++)
            {
                await _slots.WaitAsync(cancellationToken);
            }

            _slots.Release(_options.Concurrency);
        }
        catch (OperationCanceledException)
        {
            // The host has no more time; open revisions stay due.
        }
    }

    public void Dispose() => _stopping.Dispose();

    private async Task CloseDueAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan wait = await ClaimAsync(cancellationToken);
            _loop.Succeed();
            await _loop.PauseAsync(wait, cancellationToken);
        }
    }

    /// <summary>Claims due revisions; returns how long to wait before the next claim.</summary>
    private async Task<TimeSpan> ClaimAsync(CancellationToken cancellationToken)
    {
        int free = await TakeSlotsAsync(cancellationToken);
        try
        {
            IReadOnlyList<RevisionClaim> claims = await queue.ClaimDueAsync(_owner, _options.Lease, free, cancellationToken);
            long claimed = supervision.Time.GetTimestamp();
            foreach (RevisionClaim claim in claims)
            {
                free--;
                _ = CloseAsync(claim, claimed, cancellationToken);
            }

            return claims.Count > 0 ? TimeSpan.Zero : Earliest(await queue.NextDueAsync(cancellationToken));
        }
        finally
        {
            if (free > 0)
            {
                _slots.Release(free);
            }
        }
    }

    /// <summary>Waits for one free slot and takes the other free ones too.</summary>
    private async Task<int> TakeSlotsAsync(CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        int taken = 1;
        while (_slots.Wait(0, CancellationToken.None))
        {
            taken++;
        }

        return taken;
    }

    private async Task CloseAsync(RevisionClaim claim, long claimed, CancellationToken cancellationToken)
    {
        try
        {
            await closer.CloseAsync(claim, claimed, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Returns the wait until the next claim.</summary>
    /// <remarks>No revision that this silo opens meanwhile is due before its delay is over.</remarks>
    private TimeSpan Earliest(TimeSpan? next)
    {
        TimeSpan wait = TimeSpan.FromTicks(Math.Min(_options.PollInterval.Ticks, _grains.RevisioningDelay.Ticks));
        wait = next < wait ? next.Value : wait;
        return wait < ShortestWait ? ShortestWait : wait;
    }
}

/// <summary>Registers what closes revisions.</summary>
public static class RevisionRegistration
{
    /// <summary>Closes due revisions in this process; needs the grains and an <see cref="IRevisionQueue"/>.</summary>
    /// <remarks>Registered after the grains, so that it stops before them.</remarks>
    public static IServiceCollection AddRevisions(this IServiceCollection services)
        => services
            .AddSupervision()
            .AddSingleton<RevisionCloser>()
            .AddHostedService<RevisionScheduler>();
}
