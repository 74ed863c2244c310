using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>Registers the calls to the silos of a cluster.</summary>
public static class RemoteGrainServices
{
    /// <summary>Takes the study grains of the cluster's silos for those of this process; needs an <see cref="ISiloTable"/>.</summary>
    /// <exception cref="InvalidDataException">There is no key.</exception>
    public static IServiceCollection AddRemoteGrains(this IServiceCollection services, ClusterOptions options)
        => services.AddSiloChannels(options).AddSingleton<IGrainFactory, RemoteGrains>();

    /// <summary>What finds and calls silos, for those that place calls themselves; needs an <see cref="ISiloTable"/>.</summary>
    /// <exception cref="InvalidDataException">There is no key.</exception>
    public static IServiceCollection AddSiloChannels(this IServiceCollection services, ClusterOptions options)
    {
        _ = ClusterSeals.Of(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(options);
        services.TryAddSingleton<SiloDirectory>();
        services.TryAddSingleton(provider => new SiloChannels(
            options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SiloChannels>>()));
        return services;
    }
}
