using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Silo.Cluster;

/// <summary>Registers what makes a process with grains a silo of a cluster.</summary>
public static class ClusterServices
{
    /// <summary>
    /// Takes grain calls of other processes; needs the grains and an <see cref="ISiloTable"/>. Registered after everything that calls
    /// grains itself, so that it stops before them and the grains last.
    /// </summary>
    /// <exception cref="InvalidDataException">There is no key.</exception>
    public static IServiceCollection AddSiloEndpoint(this IServiceCollection services, ClusterOptions options)
    {
        services.AddSiloChannels(options);
        services.AddSupervision();
        return services
            .AddSingleton<CallPort>()
            .AddSingleton<SiloSelf>()
            .AddSingleton<CallAdmission>()
            .AddSingleton<CallDispatcher>()
            .AddSingleton<CallReception>()
            .AddSingleton<CallServer>()
            .AddSingleton<SiloHeartbeat>()
            .AddSingleton<IStudyForwarder, StudyForwarder>()
            .AddHostedService<ClusterHost>();
    }
}
