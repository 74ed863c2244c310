using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Options;
using Microsoft.Extensions.Hosting;

namespace ImagingIngestion.Grains.Study;

/// <summary>
/// Starts the grain host with the process and stops it cleanly: calls that were taken in are committed and answered, new ones are told
/// to try later. It stops after the gateways, which have answered their requests by then.
/// </summary>
internal sealed class GrainHost(ActivationDirectory directory, GroupCommitter committer, GrainOptions options, Supervision supervision)
    : IHostedService, IDisposable
{
    private readonly SupervisedLoop _committing = supervision.Loop("commits to the manifest");
    private readonly SupervisedLoop _evicting = supervision.Loop("eviction of idle studies");
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abort = new();
    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(
            Task.Run(
                () => _committing.RunAsync(_ => committer.RunAsync(_committing, _abort.Token), CancellationToken.None),
                CancellationToken.None),
            _evicting.RunAsync(EvictIdleAsync, _stopping.Token));
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
        while (true)
        {
            await _evicting.PauseAsync(options.IdleTime / 4, cancellationToken);
            directory.Evict(options.IdleTime);
            _evicting.Succeed();
        }
    }
}
