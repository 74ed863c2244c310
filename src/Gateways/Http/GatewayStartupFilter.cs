using ImagingIngestion.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Http;

/// <summary>
/// Puts in front of routing what every request passes, whichever service it is for: the body of refusals, then who may ask, by Host and by
/// origin. What proxies say about the client comes behind that (<see cref="ForwardingMiddleware"/>).
/// </summary>
internal sealed partial class GatewayStartupFilter(ImagingOptions options, OriginRules origins, ILogger<GatewayStartupFilter> logger)
    : IStartupFilter
{
    private const string Health = "/healthz";

    /// <summary>
    /// Registers the filter before those of the framework, which filter by Host once more, and the forwarding headers behind them.
    /// </summary>
    public static void Register(IServiceCollection services, ImagingOptions options)
    {
        KnownProxies proxies = new(options.Http);
        services
            .AddCors()
            .AddSingleton<OriginRules>()
            .AddSingleton<ICorsPolicyProvider>(provider => provider.GetRequiredService<OriginRules>())
            .AddSingleton(proxies)
            .AddHostFiltering(filter =>
            {
                filter.AllowedHosts = [.. OwnHosts.Of(options)];
                filter.IncludeFailureMessage = false;
            })
            .Configure<ForwardedHeadersOptions>(proxies.ApplyTo)
            .AddSingleton<IStartupFilter, ForwardingStartupFilter>()
            .Insert(0, ServiceDescriptor.Singleton<IStartupFilter, GatewayStartupFilter>());
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        Warn();
        app.Use(following => new RouteFaultMiddleware(following, logger).InvokeAsync);
        app.Use(MarkAsync);
        app.UseHostFiltering();
        app.UseCors();
        app.Use(RefuseForeignChangesAsync);
        next(app);
    };

    /// <summary>Keeps pages of other origins from showing an answer as an image or script, and browsers from guessing what it is.</summary>
    private static Task MarkAsync(HttpContext context, RequestDelegate following)
    {
        context.Response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (context.Request.Path.StartsWithSegments(Health))
        {
            // Health names nobody; probes ask under addresses and names that no setting knows.
            context.Request.Host = new HostString("localhost");
        }

        return following(context);
    }

    private Task RefuseForeignChangesAsync(HttpContext context, RequestDelegate following)
        => origins.Refuses(context.Request)
            ? Problem.WriteAsync(context, StatusCodes.Status403Forbidden, "Another origin", "Pages of other origins may not change "
                + $"anything here; those that are listed in {HttpOptions.StoringOriginsSetting.Names} may store with STOW-RS.")
            : following(context);

    private void Warn()
    {
        if (options.Http.AllowedOrigins.Contains(HttpOptions.Any))
        {
            LogAnyOrigin(logger, HttpOptions.AllowedOriginsSetting.Names);
        }

        if (options.Http.AllowedHosts.Contains(HttpOptions.Any))
        {
            LogAnyHost(logger, HttpOptions.AllowedHostsSetting.Names);
        }

        if (OwnHosts.AreUnknown(options))
        {
            LogUnknownHosts(logger, HttpOptions.AllowedHostsSetting.Names, ServerOptions.BaseUrlSetting.Names);
        }
    }

    [LoggerMessage(4121, LogLevel.Warning, "Every web page that a user of this network opens may read all patient data, because {Setting} "
        + "is *; list the origins of your viewers instead")]
    private static partial void LogAnyOrigin(ILogger logger, string setting);

    [LoggerMessage(4122, LogLevel.Warning, "Requests under any Host name are answered, because {Setting} is *; web pages can use that to "
        + "read all patient data (DNS rebinding)")]
    private static partial void LogAnyHost(ILogger logger, string setting);

    [LoggerMessage(4123, LogLevel.Warning, "The server listens for other machines, but answers only under its addresses and localhost; to "
        + "be reached by name, set {Hosts} or {BaseUrl}")]
    private static partial void LogUnknownHosts(ILogger logger, string hosts, string baseUrl);
}
