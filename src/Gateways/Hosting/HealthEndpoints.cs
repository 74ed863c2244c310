using ImagingIngestion.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways;

/// <summary>The two questions of an orchestrator: is the process alive, and may it have traffic.</summary>
public static class HealthEndpoints
{
    /// <summary>Maps <c>/healthz/live</c> and <c>/healthz/ready</c>.</summary>
    public static void MapHealth(this WebApplication app)
    {
        Readiness readiness = app.Services.GetRequiredService<Readiness>();
        bool sweeps = app.Services.GetRequiredService<ImagingOptions>().Has(ProcessRoles.Stow);
        SweeperStatus? sweeper = sweeps ? app.Services.GetRequiredService<SweeperStatus>() : null;
        app.MapGet("/healthz/live", context => WriteAsync(context, StatusCodes.Status200OK, "alive"));
        app.MapGet("/healthz/ready", async context =>
        {
            ReadinessReport report = await readiness.LookAsync(context.RequestAborted);
            await WriteAsync(context, report.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, report.ToText() + SweeperText(sweeper?.Fault));
        });
    }

    /// <summary>A sweeper that is disarmed keeps nobody from storing and retrieving.</summary>
    private static string SweeperText(string? fault) => fault is null ? "" : $"\nthe sweeper is disarmed: {fault}; run the command check";

    private static Task WriteAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
