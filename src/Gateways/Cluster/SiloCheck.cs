using ImagingIngestion.Hosting.Health;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>Looks for a live silo: without one nothing can be stored.</summary>
internal sealed class SiloCheck(ISiloTable silos, ClusterOptions options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => StoreFault.CheckAsync(context, FindAsync, cancellationToken);

    private async Task<string?> FindAsync(CancellationToken cancellationToken)
        => (await silos.ListLiveAsync(options.DeadAfter, cancellationToken)).Count > 0 ? null : "no silo is alive";
}
