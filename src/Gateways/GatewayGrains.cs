using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Hosting.Health;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways;

/// <summary>Registers the grains of a gateway process: those of the silos.</summary>
internal static class GatewayGrains
{
    /// <summary>Where the process also finds and retrieves, it is ready without a silo: that goes on, and who stores is told to try later.</summary>
    public static void Add(IServiceCollection services, ImagingOptions options)
    {
        if (!options.CallsGrains)
        {
            return;
        }

        services.AddRemoteGrains(options.Cluster);
        services.AddSingleton<IReadinessCheck>(provider => new SiloCheck(
            provider.GetRequiredService<ISiloTable>(), provider.GetRequiredService<ClusterOptions>(), isNeeded: !options.Has(ProcessRoles.Wado)));
    }
}
