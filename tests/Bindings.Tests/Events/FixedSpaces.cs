using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Bindings.Tests.Events;

/// <summary>One set of addresses for all storage spaces.</summary>
internal sealed class FixedSpaces : IStorageSpaces
{
    public const string External = "https://images.example.org/wado-rs";

    public StorageSpace Find(ProviderName provider) => new("bucket", "http://inside:8080/wado-rs", External);
}
