using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace ImagingIngestion.Gateways;

/// <summary>Puts what belongs around routing in front of it: a preflight needs no route for OPTIONS, and a request without a route gets an answer that says so.</summary>
internal sealed class GatewayStartupFilter(DicomWebOptions options) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(following => new CorsMiddleware(following, options).InvokeAsync);
        app.Use(following => new RouteFaultMiddleware(following).InvokeAsync);
        next(app);
    };
}
