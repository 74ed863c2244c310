namespace ImagingIngestion.Dicom.Frames;

/// <summary>Where one frame lies in the data set bytes.</summary>
/// <param name="Segments">The pieces to concatenate: one for native pixel data, one a fragment for encapsulated.</param>
/// <param name="BitOffset">Bits of the first byte that belong to the frame before; 0 unless pixels are packed into bits and frames do not begin on bytes (PS3.5 section 8.1.1).</param>
/// <param name="BitLength">Bits of the frame.</param>
public sealed record FrameLocation(IReadOnlyList<ByteRange> Segments, int BitOffset, long BitLength)
{
    /// <summary>Bytes of the frame when its bits begin on a byte.</summary>
    public long ByteLength => (BitLength + 7) / 8;
}
