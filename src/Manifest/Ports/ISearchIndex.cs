namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// The values that searches read. Rows whose values were made by older rules are made anew from their attributes, while everything else
/// goes on.
/// </summary>
public interface ISearchIndex
{
    /// <summary>
    /// How many studies and series have values of older rules, or were written by an older version that runs at the same time.
    /// </summary>
    /// <exception cref="ManifestUnavailableException">The store cannot be reached or is locked; try later.</exception>
    Task<long> CountOutdatedAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Makes the values of the newest of these rows anew. A row that a commit changes meanwhile is left for the next call.
    /// </summary>
    /// <param name="owner">Who does it: of several processes one at a time.</param>
    /// <param name="most">The most rows of a call.</param>
    /// <param name="cancellationToken">Gives up; what is written stays.</param>
    /// <returns>How many rows were made anew; 0 where there are none left, or another owner is at it.</returns>
    /// <exception cref="ManifestUnavailableException">The store cannot be reached or is locked; try later.</exception>
    Task<int> RenewAsync(string owner, int most, CancellationToken cancellationToken);
}
