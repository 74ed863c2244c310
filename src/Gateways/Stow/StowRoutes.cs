using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>Registers STOW-RS.</summary>
public static class StowRoutes
{
    /// <summary>Maps the store paths of PS3.18 table 10.5.1-1 below a root such as <c>/stow-rs</c>.</summary>
    /// <param name="routes">Where to map.</param>
    /// <param name="root">The path of the service.</param>
    /// <param name="retrieveRoot">The path of the service that the RetrieveURLs of the answer name.</param>
    /// <param name="services">What the service works with.</param>
    public static IEndpointRouteBuilder MapStow(this IEndpointRouteBuilder routes, string root, string retrieveRoot, StowServices services)
    {
        RequestDelegate handler = new StowEndpoint(services, retrieveRoot).HandleAsync;
        routes.MapPost(root + "/studies", handler);
        routes.MapPost(root + "/studies/{study}", handler);
        return routes;
    }
}
