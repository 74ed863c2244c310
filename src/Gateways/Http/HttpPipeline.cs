using ImagingIngestion.Hosting.Stores;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Puts the framework's middleware before routing, for every request.</summary>
/// <remarks>
/// Errors get their answers, then Host and origin decide about access. The headers of proxies come after that (<see
/// cref="ForwardedHeader"/>). docs/decisions/011-pages-hosts-and-proxies.md has the reasons.
/// </remarks>
internal sealed partial class HttpPipeline(
    IOptions<HttpOptions> http, OwnHosts hosts, OriginRules origins, ICorsService cors, RequestFaults faults, ILoggerFactory loggers,
    ILogger<HttpPipeline> logger)
    : IStartupFilter
{
    private const string Health = "/healthz";

    private int _isForeignHostLogged;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        WarnOfOpenSettings();
        app.Use(MarkAsync);

        // RequestFaults answers every exception. The middleware asks for another handler all the same; the one for ProblemDetails would
        // set up JSON by reflection at every start.
        app.UseExceptionHandler(_ => { });
        app.Use(faults.AbortBegunAnswerAsync);
        app.UseStatusCodePages(WriteRefusalAsync);
        app.UseHostFiltering();
        app.Use(UseCors);
        app.Use(RefuseForeignChangesAsync);
        next(app);
    };

    /// <summary>Keeps pages of other origins from showing an answer as an image or script, and browsers from guessing what it is.</summary>
    private static Task MarkAsync(HttpContext context, RequestDelegate next)
    {
        // Set when the answer starts, because the answer to an exception begins with empty headers.
        context.Response.OnStarting(
            static state =>
            {
                IHeaderDictionary headers = ((HttpResponse)state).Headers;
                headers["Cross-Origin-Resource-Policy"] = "same-origin";
                headers.XContentTypeOptions = "nosniff";
                return Task.CompletedTask;
            },
            context.Response);
        if (context.Request.Path.StartsWithSegments(Health, StringComparison.OrdinalIgnoreCase))
        {
            // Health answers name no patient, and probes use addresses and names that no setting lists.
            context.Request.Host = new HostString("localhost");
        }

        return next(context);
    }

    /// <summary>Writes the body of refusals by the framework itself, and answers OPTIONS with the methods of the path.</summary>
    private Task WriteRefusalAsync(StatusCodeContext refusal)
    {
        HttpContext context = refusal.HttpContext;
        HttpResponse response = context.Response;
        switch (response.StatusCode)
        {
            case StatusCodes.Status400BadRequest:
                if (Interlocked.Exchange(ref _isForeignHostLogged, 1) == 0)
                {
                    LogForeignHost(logger, context.Request.Host.Value, HttpOptions.Section[nameof(HttpOptions.AllowedHosts)].Names);
                }

                return Problem.WriteAsync(context, 400, "Not a host of this server", "The request names a host that is not known here. If "
                    + "clients are to reach the server under it, add it to "
                    + $"{HttpOptions.Section[nameof(HttpOptions.AllowedHosts)].Names}.");
            case StatusCodes.Status404NotFound:
                return Problem.WriteAsync(context, 404, "Not a resource", "Nothing is served under this path. The services begin at "
                    + "/dicom-web, /wado-rs and /stow-rs, followed by /studies; events are at /changefeed.");
            case StatusCodes.Status405MethodNotAllowed when HttpMethods.IsOptions(context.Request.Method):
                response.StatusCode = StatusCodes.Status204NoContent;
                return Task.CompletedTask;
            case StatusCodes.Status405MethodNotAllowed:
                return Problem.WriteAsync(
                    context, 405, "Method not allowed", $"This path takes only these methods: {response.Headers.Allow}.");
            default:
                return Task.CompletedTask;
        }
    }

    /// <summary>Adds the framework's CORS with the policies of <see cref="OriginRules"/>.</summary>
    /// <remarks>The framework's own UseCors compiles an expression tree at every start, and loads System.Linq.Expressions for it.</remarks>
    private RequestDelegate UseCors(RequestDelegate next)
    {
        CorsMiddleware middleware = new(next, cors, loggers);
        return context => middleware.Invoke(context, origins);
    }

    private Task RefuseForeignChangesAsync(HttpContext context, RequestDelegate next)
        => origins.Refuses(context.Request)
            ? Problem.WriteAsync(context, StatusCodes.Status403Forbidden, "Another origin", "Pages of other origins may not change "
                + $"anything here; those that are listed in {HttpOptions.Section[nameof(HttpOptions.StoringOrigins)].Names} may store with "
                + "STOW-RS.")
            : next(context);

    private void WarnOfOpenSettings()
    {
        if (http.Value.AllowedOrigins.Contains(HttpOptions.Any))
        {
            LogAnyOrigin(logger, HttpOptions.Section[nameof(HttpOptions.AllowedOrigins)].Names);
        }

        if (http.Value.AllowedHosts.Contains(HttpOptions.Any))
        {
            LogAnyHost(logger, HttpOptions.Section[nameof(HttpOptions.AllowedHosts)].Names);
        }

        if (hosts.AreUnknown)
        {
            LogUnknownHosts(
                logger,
                HttpOptions.Section[nameof(HttpOptions.AllowedHosts)].Names,
                ServerOptions.Section[nameof(ServerOptions.BaseUrl)].Names);
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

    [LoggerMessage(
        4124,
        LogLevel.Warning,
        "A request for the host {Host} was refused; if clients are to reach the server under it, add it to {Setting}. This is logged once")]
    private static partial void LogForeignHost(ILogger logger, string? host, string setting);
}

/// <summary>Registers what every gateway over HTTP shares.</summary>
internal static class HttpRegistration
{
    /// <summary>Registers the pipeline, the space that the process serves, and its URLs.</summary>
    public static IServiceCollection AddHttp(this IServiceCollection services)
    {
        services
            .AddSingleton(provider => new ServedSpace(provider.GetRequiredService<IOptions<ProviderOptions>>().Value.Space))
            .AddSingleton(provider => new RequestUrls(provider.GetRequiredService<IOptions<ServerOptions>>().Value.BaseUrl))
            .AddSingleton<OwnHosts>()
            .AddSingleton<RequestFaults>()
            .AddSingleton<IExceptionHandler>(provider => provider.GetRequiredService<RequestFaults>())
            .AddCors()
            .AddSingleton<OriginRules>()
            .AddHostFiltering(filter => filter.IncludeFailureMessage = false)

            // This comes before the filter that the web host adds: that one filters by Host again, and its 400 has no body.
            .Insert(0, ServiceDescriptor.Singleton<IStartupFilter, HttpPipeline>());
        services.AddOptions<HostFilteringOptions>().Configure<OwnHosts>((filter, hosts) => filter.AllowedHosts = [.. hosts.All]);
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<HttpOptions>>(
            (forwarding, http) => ForwardedHeader.Apply(http.Value, forwarding));
        return services;
    }
}
