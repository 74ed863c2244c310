namespace ImagingIngestion.Grains;

/// <summary>The storage spaces that this process knows.</summary>
public interface IStorageSpaces
{
    /// <summary>How to reach a storage space; one that is not configured here is reached through the default one's addresses.</summary>
    StorageSpace Find(ProviderName provider);
}
