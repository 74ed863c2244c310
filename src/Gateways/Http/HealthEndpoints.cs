using ImagingIngestion.Hosting.Health;
using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Http;

/// <summary>
/// The questions of an orchestrator, is the process alive and may it have traffic, and that of whoever watches over it: does its work go
/// on.
/// </summary>
public static class HealthEndpoints
{
    /// <summary>Maps <c>/healthz/live</c>, <c>/healthz/ready</c> and <c>/healthz/work</c>.</summary>
    public static void MapHealth(this WebApplication app)
    {
        Readiness readiness = app.Services.GetRequiredService<Readiness>();
        WorkReport work = app.Services.GetRequiredService<WorkReport>();
        bool sweeps = app.Services.GetRequiredService<ImagingOptions>().Has(ProcessRoles.Stow);
        SweeperStatus? sweeper = sweeps ? app.Services.GetRequiredService<SweeperStatus>() : null;
        app.MapGet("/healthz/live", context => WriteAsync(context, StatusCodes.Status200OK, ["alive"]));
        app.MapGet("/healthz/ready", async context =>
        {
            ReadinessReport report = await readiness.LookAsync(context.RequestAborted);
            IReadOnlyList<string> faults = await ListAsync(work, sweeper, context.RequestAborted);
            await WriteAsync(
                context, report.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, [report.ToText(), .. faults]);
        });
        app.MapGet("/healthz/work", async context =>
        {
            IReadOnlyList<string> faults = await ListAsync(work, sweeper, context.RequestAborted);
            await WriteAsync(
                context,
                faults.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
                faults.Count == 0 ? ["all work goes on"] : faults);
        });
    }

    /// <summary>Keeps nobody from storing and retrieving.</summary>
    private static async Task<IReadOnlyList<string>> ListAsync(WorkReport work, SweeperStatus? sweeper, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> faults = await work.ListAsync(cancellationToken);
        return sweeper?.Fault is { } disarmed ? [$"the sweeper is disarmed: {disarmed}; run the command check", .. faults] : faults;
    }

    private static Task WriteAsync(HttpContext context, int status, IReadOnlyList<string> lines)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(string.Join('\n', lines) + "\n", context.RequestAborted);
    }
}
