using ImagingIngestion.Gateways.Admin;
using ImagingIngestion.Gateways.ChangeFeed;
using ImagingIngestion.Gateways.Dimse;
using ImagingIngestion.Gateways.Stow;
using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways;

/// <summary>Which gateway belongs to which role.</summary>
public static class GatewayRoles
{
    /// <summary>Registers the gateways of the process; needs the stores and, for what stores and deletes, the grains.</summary>
    public static IServiceCollection AddGateways(this IServiceCollection services, ImagingOptions options)
    {
        services.AddDicomWeb(options);
        if (options.Has(ProcessRoles.Stow))
        {
            services.AddSweeper(new ProviderName(options.Provider.Name), options.Sweeper).AddStow(options.Ingest);
        }

        if (options.Has(ProcessRoles.Wado))
        {
            services.AddRetrieve().AddChangeFeed(options);
        }

        if (options.Has(ProcessRoles.Dimse))
        {
            services.AddStow(options.Ingest).AddDimseGateway(options);
        }

        if (options.Has(ProcessRoles.Binding))
        {
            services.AddStorageSpaces(options).AddBindings(options);
        }

        return services;
    }

    /// <summary>Maps what the roles of the process answer.</summary>
    public static void MapGateways(this WebApplication app, ImagingOptions options)
    {
        if (options.Has(ProcessRoles.Stow))
        {
            app.MapStowGateway();
        }

        if (options.Has(ProcessRoles.Wado))
        {
            app.MapWadoGateway();
            app.MapChangeFeed();
        }

        if (options.Has(ProcessRoles.Binding))
        {
            app.MapBindings(options.Bindings);
        }
    }
}
