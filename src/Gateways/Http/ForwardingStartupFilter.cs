using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Puts what known proxies say about the client behind all decisions on access.</summary>
internal sealed class ForwardingStartupFilter(KnownProxies proxies, ILogger<ForwardingStartupFilter> logger) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(following => new ForwardingMiddleware(following, proxies, logger).InvokeAsync);
        app.UseForwardedHeaders();
        next(app);
    };
}
