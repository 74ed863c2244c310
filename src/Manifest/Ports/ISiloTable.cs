namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// The silos that are alive, by the clock of the store (design D1). The table is a hint about where a study is likely to be in memory: an
/// entry too many or too few costs a retry and never an instance. Every implementation passes the same conformance kit.
/// </summary>
public interface ISiloTable
{
    /// <summary>
    /// Says that a silo is alive now; adds it when it is not there, as after a pause longer than everybody's patience. Entries that were
    /// silent for an hour may go.
    /// </summary>
    /// <exception cref="ManifestUnavailableException">The store cannot be reached; the next heartbeat says it again.</exception>
    Task HeartbeatAsync(SiloEntry silo, CancellationToken cancellationToken);

    /// <summary>Takes a silo out; nothing happens when it is not there.</summary>
    /// <exception cref="ManifestUnavailableException">The store cannot be reached; the entry goes stale by itself.</exception>
    Task LeaveAsync(string id, CancellationToken cancellationToken);

    /// <summary>The silos whose last heartbeat is no older than this, in the order of their ids.</summary>
    /// <exception cref="ManifestUnavailableException">The store cannot be reached; what was last listed stays the best guess.</exception>
    Task<IReadOnlyList<SiloEntry>> ListLiveAsync(TimeSpan maxAge, CancellationToken cancellationToken);
}

/// <summary>A silo as gateways and other silos find it.</summary>
/// <param name="Id">Names one run of one process: new at every start, up to 64 ASCII letters, digits and dashes.</param>
/// <param name="Address">Where it takes grain calls: an absolute http or https URL without path, up to 256 characters.</param>
public sealed record SiloEntry(string Id, string Address);
