using ImagingIngestion.Gateways.Admin;
using ImagingIngestion.Gateways.ChangeFeed;
using ImagingIngestion.Gateways.Delete;
using ImagingIngestion.Gateways.Dimse;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Qido;
using ImagingIngestion.Gateways.Stow;
using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Sweep;
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
    public static IServiceCollection AddGateways(this IServiceCollection services, RoleOptions roles)
    {
        services.AddHttp();
        if (roles.Has(ProcessRoles.Stow))
        {
            services.AddSweeper().AddStow().AddDelete();
        }

        if (roles.Has(ProcessRoles.Wado))
        {
            services.AddQido().AddWado().AddChangeFeed();
        }

        if (roles.Has(ProcessRoles.Dimse))
        {
            services.AddStow().AddDimseGateway();
        }

        if (roles.Has(ProcessRoles.Binding))
        {
            services.AddStorageSpaces().AddBindings();
        }

        return services;
    }

    /// <summary>Maps what the roles of the process answer.</summary>
    public static void MapGateways(this WebApplication app, RoleOptions roles)
    {
        app.UseMiddleware<ForwardedHeader>();
        app.UseForwardedHeaders();
        app.MapHealth(roles);
        RouteGroupBuilder stow = app.MapGroup(StowRoot).WithMetadata(new RetrieveRoot(WadoRoot));
        RouteGroupBuilder wado = app.MapGroup(WadoRoot).WithMetadata(new RetrieveRoot(WadoRoot));
        RouteGroupBuilder common = app.MapGroup(CommonRoot).WithMetadata(new RetrieveRoot(CommonRoot));
        if (roles.Has(ProcessRoles.Stow))
        {
            stow.MapStow().MapDelete();
            common.MapStow().MapDelete();

            // Clients delete where they found.
            wado.MapDelete();
        }

        if (roles.Has(ProcessRoles.Wado))
        {
            wado.MapQido().MapWado();
            common.MapQido().MapWado();
            app.MapChangeFeed();
        }

        if (roles.Has(ProcessRoles.Binding))
        {
            app.MapBindings();
        }
    }
}
