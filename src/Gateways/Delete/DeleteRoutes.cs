using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Delete;

/// <summary>Registers DELETE of studies, series and instances.</summary>
public static class DeleteRoutes
{
    private static readonly string[] Methods = [HttpMethods.Delete];

    /// <summary>Maps the resource paths below a root such as <c>/wado-rs</c>.</summary>
    public static IEndpointRouteBuilder MapDelete(this IEndpointRouteBuilder routes, string root, IGrainFactory grains, ProviderName provider, ILogger logger)
    {
        RetrieveGuard guard = new(logger);
        DeleteEndpoint endpoint = new(grains, provider);
        RequestDelegate handler = context => guard.RunAsync(context, endpoint.HandleAsync);
        routes.MapMethods(root + "/studies/{study}", Methods, handler);
        routes.MapMethods(root + "/studies/{study}/series/{series}", Methods, handler);
        routes.MapMethods(root + "/studies/{study}/series/{series}/instances/{instance}", Methods, handler);
        return routes;
    }
}
