using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Serves the health probes: is the process alive, may it have traffic, does its work go on.</summary>
internal static class HealthEndpoints
{
    /// <summary>Maps <c>/healthz/live</c>, <c>/healthz/ready</c> and <c>/healthz/work</c>.</summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints, RoleOptions roles)
    {
        // A process that only retrieves writes nothing.
        ReadinessScope scope = roles.Roles == ProcessRoles.Wado ? ReadinessScope.Reading : ReadinessScope.All;
        endpoints.MapHealthChecks("/healthz/live", new HealthCheckOptions
        {
            Predicate = _ => false,
            ResponseWriter = (context, _) => WriteAsync(context, "alive"),
        });
        endpoints.MapHealthChecks("/healthz/ready", new HealthCheckOptions
        {
            Predicate = check => scope.Covers(check) || Readiness.IsWork(check),
            ResponseWriter = (context, report) => WriteAsync(context, report.Describe(scope)),
        });
        endpoints.MapHealthChecks("/healthz/work", new HealthCheckOptions
        {
            Predicate = Readiness.IsWork,
            ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable },
            ResponseWriter = (context, report) => WriteAsync(context, report.DescribeWork()),
        });
    }

    private static Task WriteAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
