using Microsoft.AspNetCore.Routing;

namespace ImagingIngestion.Gateways;

/// <summary>Registers WADO-RS.</summary>
public static class WadoRoutes
{
    public static IEndpointRouteBuilder MapWado(this IEndpointRouteBuilder routes, string root, RetrieveServices services) => routes;
}
