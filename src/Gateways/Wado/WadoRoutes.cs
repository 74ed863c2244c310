using ImagingIngestion.Gateways.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Registers WADO-RS.</summary>
public static class WadoRoutes
{
    private const string Study = "/studies/{study}";
    private const string Series = Study + "/series/{series}";
    private const string Instance = Series + "/instances/{instance}";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] Levels = [Study, Series, Instance];

    private static readonly string[] Rendered =
        [.. Levels, Instance + "/frames/{frames}"];

    /// <summary>
    /// Maps the retrieve paths of PS3.18 tables 10.4.1-1 to 10.4.1-4 below a root such as <c>/wado-rs</c>; the root also begins the URLs in
    /// the answers.
    /// </summary>
    public static IEndpointRouteBuilder MapWado(this IEndpointRouteBuilder routes, string root, RetrieveServices services)
    {
        var guard = new RetrieveGuard(services.Logger);
        var instances = new WadoInstanceEndpoint(services, root);
        var metadata = new WadoMetadataEndpoint(services, root);
        var frames = new WadoFramesEndpoint(services, root);
        var bulkData = new WadoBulkDataEndpoint(services, root);

        foreach (string level in Levels)
        {
            Map(level, instances.HandleAsync);
            Map(level + "/metadata", metadata.HandleAsync);
        }

        Map(Instance + "/frames/{frames}", frames.HandleAsync);
        Map(Instance + "/bulkdata/{**path}", bulkData.HandleAsync);
        Map(Instance + "/pixeldata", bulkData.HandlePixelDataAsync);
        foreach (string resource in Rendered)
        {
            Map(resource + "/rendered", WriteNotRenderedAsync);
            Map(resource + "/thumbnail", WriteNotRenderedAsync);
        }

        // WADO-URI (PS3.18 section 9) is asked for at the root itself.
        Map("", WriteRootAsync);
        return routes;

        void Map(string path, Func<HttpContext, Task> handler)
            => routes.MapMethods(root + path, Methods, context => guard.RunAsync(context, handler));
    }

    private static Task WriteNotRenderedAsync(HttpContext context)
        => Problem.WriteAsync(
            context,
            501,
            "Not rendered here",
            "This service does not render images; retrieve /frames or the instance and render them at the client.");

    private static Task WriteRootAsync(HttpContext context)
        => context.Request.Query.ContainsKey("requestType")
            ? Problem.WriteAsync(
                context,
                501,
                "WADO-URI is not supported",
                "Retrieve the instance with WADO-RS: /studies/{study}/series/{series}/instances/{instance} below this path.")
            : Problem.WriteAsync(context, 404, "Not a resource", "Searches begin at /studies, /series and /instances below this path.");
}
