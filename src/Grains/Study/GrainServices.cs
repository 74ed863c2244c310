using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Revisions;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Grains.Study;

/// <summary>Registers the grain host.</summary>
public static class GrainServices
{
    /// <summary>Hosts the grains in this process; needs an <see cref="IManifestStore"/>.</summary>
    public static IServiceCollection AddGrains(this IServiceCollection services, GrainOptions options, DuplicatePolicy duplicatePolicy)
    {
        services.AddSupervision();
        services.AddSingleton(options);
        services.AddSingleton<GroupCommitter>();
        services.AddSingleton(provider => new GrainRuntime(
            provider.GetRequiredService<IManifestStore>(),
            provider.GetRequiredService<GroupCommitter>(),
            options,
            duplicatePolicy,
            new RevisionTiming(options.RevisioningDelay, options.MaxRevisioningDelay),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<StudyActivation>>()) { Forwarder = provider.GetService<IStudyForwarder>() });
        services.AddSingleton<ActivationDirectory>();
        services.AddSingleton<IGrainFactory, GrainFactory>();
        services.AddHostedService<GrainHost>();
        return services;
    }
}
