namespace ImagingIngestion.Manifest.Ports;

/// <summary>The live silos, by the clock of the store.</summary>
/// <remarks>
/// The table is a hint which silo is likely to have a study in memory: a wrong entry costs a retry and never an instance. Every
/// implementation passes the same conformance kit.
/// </remarks>
public interface ISiloTable
{
    /// <summary>Notes that a silo is alive now; adds it if it is missing, as after a long pause.</summary>
    /// <remarks>Entries without a heartbeat for an hour may be removed.</remarks>
    /// <exception cref="ManifestUnavailableException">The store is unreachable; the next heartbeat tries again.</exception>
    Task HeartbeatAsync(SiloEntry silo, CancellationToken cancellationToken);

    /// <summary>Removes a silo if it is there.</summary>
    /// <exception cref="ManifestUnavailableException">The store is unreachable; the entry becomes stale by itself.</exception>
    Task LeaveAsync(string id, CancellationToken cancellationToken);

    /// <summary>Lists the silos whose last heartbeat is at most this old, in the order of their ids.</summary>
    /// <exception cref="ManifestUnavailableException">The store is unreachable; the last list stays the best guess.</exception>
    Task<IReadOnlyList<SiloEntry>> ListLiveAsync(TimeSpan maxAge, CancellationToken cancellationToken);
}

/// <summary>A silo for gateways and other silos.</summary>
/// <param name="Id">The id of one run of one process: new at every start, up to 64 ASCII letters, digits and dashes.</param>
/// <param name="Address">The URL for grain calls: absolute, http or https, without path, up to 256 characters.</param>
public sealed record SiloEntry(string Id, string Address);
