using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Frames;

/// <summary>Works out the frame index of a data set that was read (PS3.5 section 8 and annex A.4).</summary>
internal static class FrameIndexBuilder
{
    /// <summary>The code streams of JPEG and JPEG-LS begin with SOI, those of JPEG 2000 and HTJ2K with SOC.</summary>
    private static readonly ushort[] FrameHeads = [0xFFD8, 0xFF4F, 0xFF0A];

    /// <summary>Returns null if there is no pixel data, or nothing defines where its frames begin.</summary>
    public static FrameIndex? Build(DicomDataset dataset, PixelDataLocation? pixelData, TransferSyntax syntax)
    {
        if (pixelData is null)
        {
            return null;
        }

        int frames = AnnouncedFrames(dataset);
        if (!pixelData.IsEncapsulated)
        {
            return Native(dataset, pixelData, frames);
        }

        // If Number of Frames is missing, the offset table gives the number of frames.
        bool isCounted = frames > 1 || pixelData.OffsetTable.Length <= sizeof(uint);
        int count = isCounted ? frames : pixelData.OffsetTable.Length / sizeof(uint);
        return Encapsulated(dataset, pixelData, syntax.IsVideo ? 1 : count);
    }

    /// <summary>Returns the frames that Number of Frames (0028,0008) announces; 1 if it is absent, empty, zero or no number.</summary>
    public static int AnnouncedFrames(DicomDataset dataset) => Math.Max(1, Integer(dataset, DicomTag.NumberOfFrames) ?? 1);

    private static FrameIndex? Native(DicomDataset dataset, PixelDataLocation pixelData, int frames)
    {
        long rows = Word(dataset, DicomTag.Rows);
        long columns = Word(dataset, DicomTag.Columns);
        long samples = Math.Max(1, Word(dataset, DicomTag.SamplesPerPixel));
        long bits = Word(dataset, DicomTag.BitsAllocated);
        if (pixelData.Tag == DicomTag.FloatPixelData || pixelData.Tag == DicomTag.DoubleFloatPixelData)
        {
            bits = pixelData.Tag == DicomTag.FloatPixelData ? 32 : 64;
        }

        string? photometric = dataset.GetString(DicomTag.PhotometricInterpretation);
        if (samples == 3 && photometric is "YBR_FULL_422" or "YBR_PARTIAL_422")
        {
            samples = 2;
        }

        long frameBits = photometric is "YBR_PARTIAL_420" && samples == 3 ? rows * columns * bits * 3 / 2 : rows * columns * samples * bits;
        if (frameBits == 0)
        {
            return null;
        }

        int whole = (int)Math.Min(frames, pixelData.Range.Length * 8 / frameBits);
        return whole == 0 ? null : FrameIndex.Native(pixelData.Range, frameBits, whole, pixelData.Tag);
    }

    private static FrameIndex? Encapsulated(DicomDataset dataset, PixelDataLocation pixelData, int frames)
    {
        List<Fragment> fragments = pixelData.Fragments;
        while (fragments.Count > 1 && fragments[^1].Length == 0)
        {
            fragments.RemoveAt(fragments.Count - 1);
        }

        if (fragments.Count == 0)
        {
            return null;
        }

        int[]? first = FromExtendedTable(dataset, fragments, frames)
            ?? FromBasicTable(pixelData.OffsetTable.Span, fragments, frames)
            ?? FromFragments(fragments, frames);
        if (first is null)
        {
            return null;
        }

        ByteRange[] ranges = new ByteRange[fragments.Count];
        for (int index = 0; index < ranges.Length; index++)
        {
            ranges[index] = new ByteRange(fragments[index].Offset, fragments[index].Length);
        }

        return FrameIndex.Encapsulated(ExtendedLengths(dataset, ranges, first), first);
    }

    /// <summary>
    /// Reads the Extended Offset Table (7FE0,0001): 64-bit offsets of items from the first one after the Basic Offset Table.
    /// </summary>
    private static int[]? FromExtendedTable(DicomDataset dataset, List<Fragment> fragments, int frames)
        => dataset.TryGet(DicomTag.ExtendedOffsetTable, out DicomElement? table) && table.Value.Length == frames * (long)sizeof(ulong)
            ? FromOffsets(frames, index => (long)BinaryPrimitives.ReadUInt64LittleEndian(table.Value.Span[(index * 8)..]), fragments)
            : null;

    private static int[]? FromBasicTable(ReadOnlySpan<byte> table, List<Fragment> fragments, int frames)
    {
        if (table.Length != frames * (long)sizeof(uint))
        {
            return null;
        }

        uint[] offsets = new uint[frames];
        table.CopyTo(MemoryMarshal.AsBytes(offsets.AsSpan()));
        return FromOffsets(frames, index => offsets[index], fragments);
    }

    /// <summary>Accepts a table only if its entries ascend from 0 and each is the start of a fragment; any other table is wrong.</summary>
    private static int[]? FromOffsets(int frames, Func<int, long> offsetOf, List<Fragment> fragments)
    {
        int[] first = new int[frames];
        int fragment = 0;
        for (int frame = 0; frame < frames; frame++)
        {
            long wanted = fragments[0].ItemOffset + offsetOf(frame);
            while (fragment < fragments.Count && fragments[fragment].ItemOffset < wanted)
            {
                fragment++;
            }

            if (fragment == fragments.Count
                || fragments[fragment].ItemOffset != wanted
                || (frame == 0 && fragment != 0)
                || (frame > 0 && fragment == first[frame - 1]))
            {
                return null;
            }

            first[frame] = fragment;
        }

        return first;
    }

    /// <summary>Assigns fragments to frames without a usable table.</summary>
    /// <remarks>
    /// One frame takes all fragments. As many fragments as frames take one each. Otherwise each start of a code stream begins a frame.
    /// </remarks>
    private static int[]? FromFragments(List<Fragment> fragments, int frames)
    {
        if (frames == 1)
        {
            return [0];
        }

        if (frames == fragments.Count)
        {
            return [.. Enumerable.Range(0, frames)];
        }

        ushort head = fragments[0].Head;
        if (!FrameHeads.Contains(head))
        {
            return null;
        }

        int[] starts = [.. Enumerable.Range(0, fragments.Count).Where(index => fragments[index].Head == head)];
        return starts.Length == frames ? starts : null;
    }

    /// <summary>Applies the Extended Offset Table Lengths (7FE0,0002), which leave out the padding byte of a frame of odd length.</summary>
    private static ByteRange[] ExtendedLengths(DicomDataset dataset, ByteRange[] ranges, int[] first)
    {
        if (first.Length != ranges.Length
            || !dataset.TryGet(DicomTag.ExtendedOffsetTableLengths, out DicomElement? lengths)
            || lengths.Value.Length != ranges.Length * (long)sizeof(ulong))
        {
            return ranges;
        }

        for (int index = 0; index < ranges.Length; index++)
        {
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengths.Value.Span[(index * 8)..]);
            if (length > 0 && length + 1 >= (ulong)ranges[index].Length && length <= (ulong)ranges[index].Length)
            {
                ranges[index] = ranges[index] with { Length = (long)length };
            }
        }

        return ranges;
    }

    private static int? Integer(DicomDataset dataset, DicomTag tag)
        => int.TryParse(dataset.GetString(tag), NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static int Word(DicomDataset dataset, DicomTag tag)
        => dataset.TryGet(tag, out DicomElement? element) && element.Value.Length >= 2
            ? BinaryPrimitives.ReadUInt16LittleEndian(element.Value.Span)
            : 0;
}

/// <summary>
/// A fragment of encapsulated pixel data: its bytes without the item header, and its first two bytes, which mark a code stream's start.
/// </summary>
internal record struct Fragment(long Offset, uint Length, ushort Head)
{
    public readonly long ItemOffset => Offset - 8;
}

/// <summary>The place of the top-level pixel data, noted while the data set streams by.</summary>
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
