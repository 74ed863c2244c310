using ImagingIngestion.Hosting.Health;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>Looks for a live silo: without one nothing can be stored.</summary>
internal sealed class SiloCheck(ISiloTable silos, ClusterOptions options, bool isNeeded) : IReadinessCheck
{
    public ReadinessScope Scope => ReadinessScope.Writing;

    public bool IsNeeded { get; } = isNeeded;

    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
        => (await silos.ListLiveAsync(options.DeadAfter, cancellationToken)).Count > 0 ? null : "no silo is alive";
}
