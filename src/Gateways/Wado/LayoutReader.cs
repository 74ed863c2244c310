using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Gateways;

/// <summary>Finds one instance with the places of its frames and bulk values.</summary>
internal static class LayoutReader
{
    /// <summary>Null when it is not stored.</summary>
    /// <param name="manifest">Where to look.</param>
    /// <param name="scope">Names one instance.</param>
    /// <param name="more">What is needed besides the layout.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<(StoredInstance Stored, InstanceLayout Layout)?> ReadAsync(
        IManifestQuery manifest, RetrieveScope scope, StoredInstanceParts more, CancellationToken cancellationToken)
    {
        await foreach (StoredInstance stored in manifest.RetrieveAsync(scope, StoredInstanceParts.Layout | more, cancellationToken))
        {
            return (stored, InstanceLayout.Read(stored.Layout.Span));
        }

        return null;
    }
}
