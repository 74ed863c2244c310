using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Tests.Events;

/// <summary>Every storage space is at the same place.</summary>
internal sealed class FixedSpaces(StorageSpace space) : IStorageSpaces
{
    public StorageSpace Find(ProviderName provider) => space;
}
