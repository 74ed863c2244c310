using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Finds one instance with the places of its frames and bulk values.</summary>
internal static class LayoutReader
{
    /// <summary>A layout takes more memory than its stored form, which has numbers of a byte or two and which is read first.</summary>
    private const int MemoryPerByte = 8;

    /// <summary>Null when it is not stored.</summary>
    /// <param name="services">Where to look.</param>
    /// <param name="scope">Names one instance.</param>
    /// <param name="more">What is needed besides the layout.</param>
    /// <param name="share">Covers the layout.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<(StoredInstance Stored, InstanceLayout Layout)?> ReadAsync(
        RetrieveServices services, RetrieveScope scope, StoredInstanceParts more, HeaderShare share, CancellationToken cancellationToken)
    {
        await foreach (StoredInstance stored in services.Manifest.RetrieveAsync(
            scope, StoredInstanceParts.Layout | more, cancellationToken))
        {
            await share.RequireAsync(stored.Layout.Length * MemoryPerByte, cancellationToken);
            ReadOnlyMemory<byte> layout = await stored.Layout.ReadAllAsync(cancellationToken);
            return (stored, InstanceLayout.Read(layout.Span));
        }

        return null;
    }
}
