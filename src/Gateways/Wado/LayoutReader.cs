using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Gateways;

/// <summary>Finds one instance with the places of its frames and bulk values.</summary>
internal static class LayoutReader
{
    /// <summary>Null when it is not stored.</summary>
    public static async Task<(StoredInstance Stored, InstanceLayout Layout)?> ReadAsync(
        IManifestQuery manifest, RetrieveScope scope, CancellationToken cancellationToken, StoredInstanceParts more = StoredInstanceParts.None)
    {
        await foreach (StoredInstance stored in manifest.RetrieveAsync(scope, StoredInstanceParts.Layout | more, cancellationToken))
        {
            return (stored, InstanceLayout.Read(stored.Layout.Span));
        }

        return null;
    }
}
