using ImagingIngestion.Gateways.Cluster;

namespace ImagingIngestion.Silo.Cluster;

/// <summary>
/// Opens the silo to the others when it starts. When it stops, it leaves the table first, so that others stop choosing it; finishes the
/// calls under way, while new ones are sent on to other silos; and only then stops listening. The grains are drained after that.
/// </summary>
internal sealed partial class ClusterHost(
    CallServer server, SiloHeartbeat heartbeat, SiloSelf self, CallAdmission admission, ClusterOptions options, TimeProvider time,
    ILogger<ClusterHost> logger) : IHostedService
{
    private static readonly TimeSpan LongestLinger = TimeSpan.FromSeconds(5);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        self.ListensAt(await server.StartAsync(cancellationToken));
        await heartbeat.StartAsync(self.Entry!, cancellationToken);
        LogOpen(logger, self.Id, self.Entry!.Address);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (self.Entry is null)
        {
            return;
        }

        await heartbeat.StopAsync(self.Entry, cancellationToken);
        try
        {
            Task answered = admission.CloseAsync(cancellationToken);
            await LingerAsync(cancellationToken);
            await answered;
        }
        catch (OperationCanceledException)
        {
            // The host has no more time; the callers ask another silo.
        }

        await server.StopAsync(cancellationToken);
    }

    /// <summary>
    /// Goes on saying "stopping" until the others have looked at the table: a connection that closes under a call leaves its outcome open.
    /// </summary>
    private async Task LingerAsync(CancellationToken cancellationToken)
    {
        TimeSpan linger = 2 * options.Heartbeat;
        using PeriodicTimer timer = new(linger < LongestLinger ? linger : LongestLinger, time);
        await timer.WaitForNextTickAsync(cancellationToken);
    }
}
