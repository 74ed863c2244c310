using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Silo.Cluster;

/// <summary>Says in the table of silos that this one is alive, as long as it is, and looks who else is.</summary>
internal sealed partial class SiloHeartbeat(
    ISiloTable table, SiloDirectory silos, ClusterOptions options, Supervision supervision, ILogger<SiloHeartbeat> logger) : IDisposable
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(3);

    private readonly SupervisedLoop _loop = supervision.Loop("heartbeat of this silo", options.Heartbeat);
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Enters the table and stays there; returns after the first try.</summary>
    public async Task StartAsync(SiloEntry self, CancellationToken cancellationToken)
    {
        TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _running = Task.Run(() => _loop.RunAsync(token => RunAsync(self, first, token), _stopping.Token), CancellationToken.None);
        await first.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Leaves the table; what cannot be told goes stale there by itself.</summary>
    public async Task StopAsync(SiloEntry self, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        using CancellationTokenSource deadline = new(LeaveTime, supervision.Time);
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

    /// <summary>Without a heartbeat for some time nobody calls this silo.</summary>
    private async Task RunAsync(SiloEntry self, TaskCompletionSource tried, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await BeatAsync(self, cancellationToken);
            }
            finally
            {
                tried.TrySetResult();
            }

            _loop.Succeed();
            await _loop.PauseAsync(options.Heartbeat, cancellationToken);
        }
    }

    private async Task BeatAsync(SiloEntry self, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(options.DeadAfter, supervision.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await table.HeartbeatAsync(self, either.Token);
        await silos.RefreshAsync(either.Token);
    }

    [LoggerMessage(3112, LogLevel.Warning, "This silo could not leave the table of silos ({Error}); it goes stale there")]
    private static partial void LogNotLeft(ILogger logger, string error);
}
