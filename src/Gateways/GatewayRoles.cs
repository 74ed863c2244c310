using ImagingIngestion.Gateways.Admin;
using ImagingIngestion.Gateways.ChangeFeed;
using ImagingIngestion.Gateways.Delete;
using ImagingIngestion.Gateways.Dimse;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Qido;
using ImagingIngestion.Gateways.Stow;
using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways;

/// <summary>Which gateway belongs to which role, and under which paths it answers.</summary>
public static class GatewayRoles
{
    private const string StowRoot = "/stow-rs";
    private const string WadoRoot = "/wado-rs";
    private const string CommonRoot = "/dicom-web";

    /// <summary>The paths below which instances are stored.</summary>
    internal static IReadOnlyList<string> StoringRoots { get; } = [StowRoot, CommonRoot];

    /// <summary>Registers the gateways of the process; needs the stores and, for what stores and deletes, the grains.</summary>
    public static IServiceCollection AddGateways(this IServiceCollection services, ImagingOptions options)
    {
        services.AddHttp(options);
        if (options.Has(ProcessRoles.Stow))
        {
            services.AddSweeper(new ProviderName(options.Provider.Name), options.Sweeper).AddStow(options.Ingest).AddDelete();
        }

        if (options.Has(ProcessRoles.Wado))
        {
            services.AddQido().AddWado().AddChangeFeed(options);
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
        app.UseMiddleware<ForwardedHeader>();
        app.UseForwardedHeaders();
        app.MapHealth(options);
        RouteGroupBuilder stow = app.MapGroup(StowRoot).WithMetadata(new RetrieveRoot(WadoRoot));
        RouteGroupBuilder wado = app.MapGroup(WadoRoot).WithMetadata(new RetrieveRoot(WadoRoot));
        RouteGroupBuilder common = app.MapGroup(CommonRoot).WithMetadata(new RetrieveRoot(CommonRoot));
        if (options.Has(ProcessRoles.Stow))
        {
            stow.MapStow().MapDelete();
            common.MapStow().MapDelete();

            // Clients delete where they found.
            wado.MapDelete();
        }

        if (options.Has(ProcessRoles.Wado))
        {
            wado.MapQido().MapWado();
            common.MapQido().MapWado();
            app.MapChangeFeed();
        }

        if (options.Has(ProcessRoles.Binding))
        {
            app.MapBindings();
        }
    }
}
