namespace ImagingIngestion.Grains;

/// <summary>
/// The silos of an installation, kept with the manifest. A hint for placement only (design D1): a table that is wrong costs retries, never an
/// instance. Ages are by the clock of the store, so that clocks of machines need not agree.
/// </summary>
public interface ISiloTable
{
    /// <summary>Says that a silo is there, or still there; forgets entries that are long out of date.</summary>
    /// <exception cref="ManifestUnavailableException">The table cannot be written now.</exception>
    Task BeatAsync(SiloEntry silo, CancellationToken cancellationToken);

    /// <summary>A silo stops; nothing happens when it is not there.</summary>
    /// <exception cref="ManifestUnavailableException">The table cannot be written now; the entry grows old by itself.</exception>
    Task LeaveAsync(string id, CancellationToken cancellationToken);

    /// <summary>The silos whose last beat is no older, in the order of their ids.</summary>
    /// <exception cref="ManifestUnavailableException">The table cannot be read now.</exception>
    Task<IReadOnlyList<SiloEntry>> ListLiveAsync(TimeSpan maxAge, CancellationToken cancellationToken);
}
