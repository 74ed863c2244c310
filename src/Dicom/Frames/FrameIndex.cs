using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Frames;

/// <summary>Finds each frame of the pixel data without reading it.</summary>
/// <remarks>Native frames are found by arithmetic, encapsulated ones by the table of fragments.</remarks>
public sealed class FrameIndex
{
    private readonly ByteRange _native;
    private readonly long _frameBits;
    private readonly ByteRange[] _fragments;
    private readonly int[] _firstFragments;

    private FrameIndex(int count, ByteRange native, long frameBits, ByteRange[] fragments, int[] firstFragments, DicomTag tag)
    {
        Count = count;
        Tag = tag;
        _native = native;
        _frameBits = frameBits;
        _fragments = fragments;
        _firstFragments = firstFragments;
    }

    /// <summary>The element that holds the frames: Pixel Data, Float Pixel Data or Double Float Pixel Data.</summary>
    public DicomTag Tag { get; }

    /// <summary>How many frames can be addressed, at least 1.</summary>
    public int Count { get; }

    public bool IsEncapsulated => _firstFragments.Length > 0;

    internal ByteRange NativeRange => _native;

    internal long FrameBits => _frameBits;

    internal ReadOnlySpan<ByteRange> Fragments => _fragments;

    internal ReadOnlySpan<int> FirstFragments => _firstFragments;

    /// <param name="value">The value field of the pixel data.</param>
    /// <param name="frameBits">Bits of one frame.</param>
    /// <param name="count">Frames, all of them within the value field.</param>
    /// <param name="tag">The element.</param>
    public static FrameIndex Native(ByteRange value, long frameBits, int count, DicomTag tag) => new(count, value, frameBits, [], [], tag);

    /// <param name="fragments">Every fragment, without item headers.</param>
    /// <param name="firstFragments">For each frame the number of its first fragment, ascending.</param>
    public static FrameIndex Encapsulated(ByteRange[] fragments, int[] firstFragments)
        => new(firstFragments.Length, default, 0, fragments, firstFragments, DicomTag.PixelData);

    /// <param name="frame">0-based, below <see cref="Count"/>.</param>
    public FrameLocation GetFrame(int frame)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, Count);
        if (IsEncapsulated)
        {
            int end = frame + 1 < Count ? _firstFragments[frame + 1] : _fragments.Length;
            ByteRange[] segments = _fragments[_firstFragments[frame]..end];
            return new FrameLocation(segments, 0, segments.Sum(segment => segment.Length) * 8);
        }

        long firstBit = _frameBits * frame;
        long firstByte = firstBit / 8;
        long endByte = (firstBit + _frameBits + 7) / 8;
        return new FrameLocation([new ByteRange(_native.Offset + firstByte, endByte - firstByte)], (int)(firstBit % 8), _frameBits);
    }
}

/// <summary>A range of the data set bytes.</summary>
public readonly record struct ByteRange(long Offset, long Length)
{
    public long End => Offset + Length;
}

/// <summary>Where one frame lies in the data set bytes.</summary>
/// <param name="Segments">The pieces to concatenate: one for native pixel data, one a fragment for encapsulated.</param>
/// <param name="BitOffset">
/// Bits of the first byte that belong to the frame before. It is 0 unless pixels are packed into bits and frames do not begin on bytes
/// (PS3.5 section 8.1.1).
/// </param>
/// <param name="BitLength">Bits of the frame.</param>
public sealed record FrameLocation(IReadOnlyList<ByteRange> Segments, int BitOffset, long BitLength)
{
    /// <summary>Bytes of the frame when its bits begin on a byte.</summary>
    public long ByteLength => (BitLength + 7) / 8;
}
