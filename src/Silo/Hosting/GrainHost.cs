using ImagingIngestion.Options;

namespace ImagingIngestion.Silo;

/// <summary>
/// Starts the grain host with the process and stops it cleanly: calls that were taken in are committed and answered, new ones are told
/// to try later. It stops after the gateways, which have answered their requests by then.
/// </summary>
internal sealed class GrainHost(ActivationDirectory directory, GroupCommitter committer, GrainOptions options, TimeProvider time) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abort = new();
    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(
            Task.Run(() => committer.RunAsync(_abort.Token), CancellationToken.None),
            EvictIdleAsync(_stopping.Token));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration abort = cancellationToken.Register(_abort.Cancel);
        await directory.DrainAsync(cancellationToken);
        committer.Complete();
        await _stopping.CancelAsync();
        await _running;
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _abort.Dispose();
    }

    private async Task EvictIdleAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(options.IdleTime / 4, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                directory.Evict(options.IdleTime);
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }
}
