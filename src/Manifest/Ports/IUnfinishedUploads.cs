namespace ImagingIngestion.Manifest.Ports;

/// <summary>Object stores in which an upload that was never completed leaves something behind that no listing shows.</summary>
public interface IUnfinishedUploads
{
    /// <summary>Removes what uploads have left that were begun longer ago and never completed. Answers how many.</summary>
    /// <param name="prefix">Of the keys, in stores that know the key of an upload.</param>
    /// <param name="before">When they were begun at the latest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ObjectStoreException">The store cannot be asked.</exception>
    Task<int> AbortUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken);
}
