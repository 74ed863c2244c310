using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Manifest.Search;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ImagingIngestion.Gateways.Qido;

/// <summary>Registers QIDO-RS.</summary>
public static class QidoRoutes
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Maps the six search paths of PS3.18 table 10.6.1-1 below a root such as <c>/wado-rs</c>; the root also begins the URLs in the
    /// answers.
    /// </summary>
    public static IEndpointRouteBuilder MapQido(this IEndpointRouteBuilder routes, string root, RetrieveServices services)
    {
        Map(routes, root, "/studies", SearchLevel.Study, services);
        Map(routes, root, "/studies/{study}/series", SearchLevel.Series, services);
        Map(routes, root, "/series", SearchLevel.Series, services);
        Map(routes, root, "/studies/{study}/series/{series}/instances", SearchLevel.Instance, services);
        Map(routes, root, "/studies/{study}/instances", SearchLevel.Instance, services);
        Map(routes, root, "/instances", SearchLevel.Instance, services);
        return routes;
    }

    private static void Map(IEndpointRouteBuilder routes, string root, string path, SearchLevel level, RetrieveServices services)
    {
        var guard = new RetrieveGuard(services.Logger);
        var endpoint = new QidoEndpoint(services, root, level);
        routes.MapMethods(root + path, Methods, context => guard.RunAsync(context, endpoint.HandleAsync));
    }
}
