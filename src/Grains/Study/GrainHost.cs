using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Grains.Study;

/// <summary>Starts the grain host with the process and stops it cleanly.</summary>
/// <remarks>
/// Calls that were admitted are committed and answered, new ones are told to try later. It stops after the gateways, which have answered
/// their requests by then.
/// </remarks>
internal sealed class GrainHost(
    ActivationDirectory directory, GroupCommitter committer, IOptions<GrainOptions> options, Supervision supervision)
    : IHostedService, IDisposable
{
    private readonly GrainOptions _options = options.Value;
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
            await _evicting.PauseAsync(_options.IdleTime / 4, cancellationToken);
            directory.Evict(_options.IdleTime);
            _evicting.Succeed();
        }
    }
}

/// <summary>The dependencies of every activation.</summary>
internal sealed record GrainRuntime(
    IManifestStore Store,
    GroupCommitter Committer,
    GrainOptions Options,
    DuplicatePolicy DuplicatePolicy,
    RevisionTiming RevisionTiming,
    TimeProvider Time,
    ILogger<StudyActivation> Logger)
{
    /// <summary>Forwards calls to the owner of a study; null if this process is no silo of a cluster.</summary>
    public IStudyForwarder? Forwarder { get; init; }
}

/// <summary>Registers the grain host.</summary>
public static class GrainRegistration
{
    /// <summary>Hosts the grains in this process; needs an <see cref="IManifestStore"/>.</summary>
    public static IServiceCollection AddGrains(this IServiceCollection services, DuplicatePolicy duplicatePolicy)
    {
        services.AddSupervision();
        services.AddSingleton<GroupCommitter>();
        services.AddSingleton(provider =>
        {
            GrainOptions options = provider.GetRequiredService<IOptions<GrainOptions>>().Value;
            return new GrainRuntime(
                provider.GetRequiredService<IManifestStore>(),
                provider.GetRequiredService<GroupCommitter>(),
                options,
                duplicatePolicy,
                new RevisionTiming(options.RevisioningDelay, options.MaxRevisioningDelay),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<StudyActivation>>()) { Forwarder = provider.GetService<IStudyForwarder>() };
        });
        services.AddSingleton<ActivationDirectory>();
        services.AddSingleton<IGrainFactory, GrainFactory>();
        services.AddHostedService<GrainHost>();
        return services;
    }
}
