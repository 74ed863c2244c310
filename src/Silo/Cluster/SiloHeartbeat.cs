using ImagingIngestion.Gateways;
using ImagingIngestion.Grains;
using ImagingIngestion.Options;

namespace ImagingIngestion.Silo;

/// <summary>Says in the table of silos that this one is alive, as long as it is, and looks who else is.</summary>
internal sealed partial class SiloHeartbeat(ISiloTable table, SiloDirectory silos, ClusterOptions options, TimeProvider time, ILogger<SiloHeartbeat> logger) : IDisposable
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Enters the table and stays there.</summary>
    public async Task StartAsync(SiloEntry self, CancellationToken cancellationToken)
    {
        await BeatAsync(self, cancellationToken);
        _running = Task.Run(() => RunAsync(self, _stopping.Token), CancellationToken.None);
    }

    /// <summary>Leaves the table; what cannot be told goes stale there by itself.</summary>
    public async Task StopAsync(SiloEntry self, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        using CancellationTokenSource deadline = new(LeaveTime, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            // A heartbeat that is under way must not come after the leave.
            await _running.WaitAsync(either.Token);
            await table.LeaveAsync(self.Id, either.Token);
        }
        catch (Exception error) when (error is ManifestUnavailableException or OperationCanceledException)
        {
            LogNotLeft(logger, error.GetType().Name);
        }
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(SiloEntry self, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(options.Heartbeat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await BeatAsync(self, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task BeatAsync(SiloEntry self, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(options.DeadAfter, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await table.HeartbeatAsync(self, either.Token);
            await silos.RefreshAsync(either.Token);
        }
        catch (Exception error) when (error is ManifestUnavailableException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogMissed(logger, error.GetType().Name);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailed(logger, error);
        }
    }
}
