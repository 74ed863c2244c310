using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Gateways.Dimse.Commitment;
using ImagingIngestion.Gateways.Dimse.Echo;
using ImagingIngestion.Gateways.Dimse.Find;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Dimse.Retrieve;
using ImagingIngestion.Gateways.Dimse.Store;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Dimse;

/// <summary>Registers the DIMSE gateway.</summary>
public static class DimseGateway
{
    /// <summary>Adds the gateway.</summary>
    /// <remarks>
    /// Call it after <see cref="DicomWebGateway.AddDicomWebGateway"/>, whose ingest pipeline it shares, and after the grains, before which
    /// it stops.
    /// </remarks>
    public static IServiceCollection AddDimseGateway(this IServiceCollection services, ImagingOptions options)
    {
        services.AddSupervision();
        services.TryAddSingleton<IDimseAuthorizer, OpenAuthorizer>();
        return services
            .AddSingleton(options.Dimse)
            .AddSingleton<IAssociationPolicy, AssociationPolicy>()
            .AddSingleton(DimseSettings.Peers(options.Dimse))
            .AddSingleton(provider => new AssociationRequestor(
                DimseSettings.Associations(options.Dimse.Limits),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<AssociationRequestor>>()))
            .AddDimseEcho()
            .AddDimseStore(options)
            .AddDimseFind()
            .AddDimseRetrieve()
            .AddStorageCommitment(options)
            .AddSingleton<DimseHost>()
            .AddHostedService(provider => provider.GetRequiredService<DimseHost>());
    }
}
