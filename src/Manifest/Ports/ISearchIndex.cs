namespace ImagingIngestion.Manifest.Ports;

/// <summary>The values that searches read.</summary>
/// <remarks>Rows with values of older rules are renewed from their attributes during normal operation.</remarks>
public interface ISearchIndex
{
    /// <summary>Counts the studies and series with values of older rules, or of an older version that runs at the same time.</summary>
    /// <exception cref="ManifestUnavailableException">The store is unreachable or locked; try later.</exception>
    Task<long> CountOutdatedAsync(CancellationToken cancellationToken);

    /// <summary>Renews the values of the newest of these rows. A row that a commit changes meanwhile is left for the next call.</summary>
    /// <param name="owner">The process; only one owner renews at a time.</param>
    /// <param name="most">The most rows of a call.</param>
    /// <param name="cancellationToken">Cancels the call; written values stay.</param>
    /// <returns>How many rows were renewed; 0 if none are left, or another owner renews.</returns>
    /// <exception cref="ManifestUnavailableException">The store is unreachable or locked; try later.</exception>
    Task<int> RenewAsync(string owner, int most, CancellationToken cancellationToken);
}
