using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Retrieve;

/// <summary>An instance as retrieves need it; the parts that were not asked for are empty.</summary>
/// <param name="State">The row.</param>
/// <param name="Metadata">As in <see cref="InstanceContent.Metadata"/>.</param>
/// <param name="Layout">As in <see cref="InstanceContent.Layout"/>.</param>
/// <param name="StudyVersion">The version of the study row in the same read: what aggregated answers derive their ETag from.</param>
public sealed record StoredInstance(InstanceState State, StoredBlob Metadata, StoredBlob Layout, long StudyVersion)
{
    /// <summary>The beginning of the layout, where <see cref="StoredInstanceParts.Encoding"/> was asked for.</summary>
    public ReadOnlyMemory<byte> LayoutHead { get; init; }

    /// <summary>How the data set is encoded, where that was asked for.</summary>
    public StoredEncoding Encoding => StoredEncoding.OfLayout(LayoutHead.Span);
}
