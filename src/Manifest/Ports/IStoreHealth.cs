namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// Looks whether a manifest store can do its work now. What cannot be asked may be told by <see cref="ManifestUnavailableException"/>, too.
/// </summary>
public interface IStoreHealth
{
    /// <summary>Returns why nothing can be read, or only what may be old; null when all can be.</summary>
    Task<string?> FindReadingFaultAsync(CancellationToken cancellationToken);

    /// <summary>Returns why nothing can be written; null when it can.</summary>
    Task<string?> FindWritingFaultAsync(CancellationToken cancellationToken);
}
