using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Events;

/// <summary>The storage spaces that this process knows.</summary>
public interface IStorageSpaces
{
    /// <summary>How to reach a storage space; <see cref="StorageSpace.Unknown"/> where that is not configured, because the addresses of another space lead to other content under the same UIDs.</summary>
    StorageSpace Find(ProviderName provider);
}
