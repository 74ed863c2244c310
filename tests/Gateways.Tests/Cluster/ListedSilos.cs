using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Gateways.Tests.Cluster;

/// <summary>A table that shows the silos which a test names.</summary>
internal sealed class ListedSilos(params SiloEntry[] silos) : ISiloTable
{
    public IReadOnlyList<SiloEntry> Silos { get; set; } = silos;

    /// <summary>The table cannot be reached.</summary>
    public bool IsAway { get; set; }

    public Task HeartbeatAsync(SiloEntry silo, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task LeaveAsync(string id, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<SiloEntry>> ListLiveAsync(TimeSpan maxAge, CancellationToken cancellationToken)
        => IsAway ? throw new ManifestUnavailableException("It cannot be reached.") : Task.FromResult(Silos);
}
