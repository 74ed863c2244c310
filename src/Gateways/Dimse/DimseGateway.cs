using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Gateways.Dimse.Commitment;
using ImagingIngestion.Gateways.Dimse.Echo;
using ImagingIngestion.Gateways.Dimse.Find;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Dimse.Retrieve;
using ImagingIngestion.Gateways.Dimse.Store;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Manifest.Background;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Dimse;

/// <summary>Registers the DIMSE gateway.</summary>
public static class DimseGateway
{
    /// <summary>
    /// Registers the gateway; needs the ingest pipeline as <see cref="Stow.StowRegistration.AddStow"/> registers it. Registered after the
    /// grains, so that it stops before them.
    /// </summary>
    public static IServiceCollection AddDimseGateway(this IServiceCollection services)
    {
        services.AddSupervision();
        services.TryAddSingleton<IDimseAuthorizer, OpenAuthorizer>();
        return services
            .AddSingleton<IAssociationPolicy, AssociationPolicy>()
            .AddSingleton(provider => DimseSettings.Peers(Options(provider)))
            .AddSingleton(provider => new OutgoingConnections(Options(provider).Limits.MoveAssociations))
            .AddSingleton(provider => new AssociationRequestor(
                DimseSettings.Associations(Options(provider).Limits),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<AssociationRequestor>>()))
            .AddDimseEcho()
            .AddDimseStore()
            .AddDimseFind()
            .AddDimseRetrieve()
            .AddStorageCommitment()
            .AddSingleton<DimseHost>()
            .AddHostedService(provider => provider.GetRequiredService<DimseHost>());

        static DimseOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<DimseOptions>>().Value;
    }
}
