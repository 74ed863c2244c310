using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Frames;

/// <summary>Where the top-level pixel data lies, as noted while the data set streams by.</summary>
internal sealed class PixelDataLocation
{
    public required DicomTag Tag { get; init; }

    public required ByteRange Range { get; set; }

    public bool IsEncapsulated { get; init; }

    /// <summary>The fragments after the Basic Offset Table item, without item headers.</summary>
    public List<Fragment> Fragments { get; } = [];

    /// <summary>The content of the Basic Offset Table item (PS3.5 section A.4).</summary>
    public ReadOnlyMemory<byte> OffsetTable { get; set; }
}
