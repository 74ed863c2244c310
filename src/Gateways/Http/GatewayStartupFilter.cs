using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace ImagingIngestion.Gateways;

/// <summary>Puts <see cref="CorsMiddleware"/> before routing, so that a preflight needs no route for OPTIONS.</summary>
internal sealed class CorsStartupFilter(DicomWebOptions options) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(following => new CorsMiddleware(following, options).InvokeAsync);
        next(app);
    };
}
