using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Silo.Tests.Cluster;

/// <summary>A table that shows one silo whoever is alive, as one that is out of date does.</summary>
internal sealed class OneSiloTable : ISiloTable
{
    public SiloEntry? Silo { get; set; }

    public Task HeartbeatAsync(SiloEntry silo, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task LeaveAsync(string id, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<SiloEntry>> ListLiveAsync(TimeSpan maxAge, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<SiloEntry>>(Silo is null ? [] : [Silo]);
}
