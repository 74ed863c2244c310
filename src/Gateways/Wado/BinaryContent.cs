using System.IO.Pipelines;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Manifest.Objects;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>
/// The bytes of a frame or bulk value as they are sent: pieces of the data set, put together, in little endian, bits moved to begin on a
/// byte.
/// </summary>
internal sealed class BinaryContent
{
    private readonly IReadOnlyList<ByteRange> _segments;
    private readonly BulkLocation? _value;
    private readonly int _bitOffset;
    private readonly long _bitLength;

    private BinaryContent(IReadOnlyList<ByteRange> segments, BulkLocation? value, int bitOffset, long bitLength)
    {
        _segments = segments;
        _value = value;
        _bitOffset = bitOffset;
        _bitLength = bitLength;
        Length = (bitLength + 7) / 8;
    }

    /// <summary>Bytes to send.</summary>
    public long Length { get; }

    /// <summary>A native value as a whole.</summary>
    public static BinaryContent OfValue(BulkLocation value) => new([value.Range], value, 0, value.Range.Length * 8);

    /// <param name="frame">The frame.</param>
    /// <param name="pixelData">The value that holds it; null where it is encapsulated and its fragments are sent as they are.</param>
    public static BinaryContent OfFrame(FrameLocation frame, BulkLocation? pixelData)
        => new(frame.Segments, pixelData, frame.BitOffset, frame.BitLength);

    /// <summary>Sends the range of the content.</summary>
    public async Task CopyToAsync(InstanceBytes source, long offset, long length, PipeWriter output, CancellationToken cancellationToken)
    {
        if (_value is not null && (_bitOffset != 0 || _bitLength % 8 != 0))
        {
            await CopyBitsAsync(source, _value, offset, length, output, cancellationToken);
            return;
        }

        foreach (ByteRange segment in _segments)
        {
            long count = Math.Min(segment.Length - offset, length);
            if (count > 0)
            {
                await CopySegmentAsync(source, segment.Offset + offset, count, output, cancellationToken);
                length -= count;
            }

            offset = Math.Max(0, offset - segment.Length);
        }
    }

    private async Task CopySegmentAsync(
        InstanceBytes source, long start, long length, PipeWriter output, CancellationToken cancellationToken)
    {
        Stream stream = _value is null
            ? await source.OpenAsync(start, length, cancellationToken)
            : await source.OpenValueAsync(_value.Range, _value.VR, start - _value.Range.Offset, length, cancellationToken);
        await StreamCopy.ToPipeAsync(stream, length, output, cancellationToken);
    }

    /// <summary>
    /// Frames of packed bits follow each other without padding (PS3.5 section 8.1.1): each byte sent takes its high bits from the next one
    /// stored.
    /// </summary>
    private async Task CopyBitsAsync(
        InstanceBytes source, BulkLocation value, long offset, long length, PipeWriter output, CancellationToken cancellationToken)
    {
        ByteRange segment = _segments[0];
        long stored = Math.Min(length + 1, segment.Length - offset);
        Stream stream =
            await source.OpenValueAsync(value.Range, value.VR, segment.Offset - value.Range.Offset + offset, stored, cancellationToken);
        var block = new byte[Math.Min(StreamCopy.BlockSize, stored)];
        int previous = -1;
        long sent = 0;
        while (sent < length)
        {
            int count = stored > 0 ? await stream.ReadAsync(block.AsMemory(0, (int)Math.Min(block.Length, stored)), cancellationToken) : 0;
            if (count == 0 && stored > 0)
            {
                throw new EndOfStreamException("A stored object is shorter than the manifest says; check the object store.");
            }

            stored -= count;
            sent += Shift(block.AsSpan(0, count), ref previous, isLast: stored == 0, offset + sent, length - sent, output);
            await output.FlushAsync(cancellationToken);
        }
    }

    private int Shift(ReadOnlySpan<byte> block, ref int previous, bool isLast, long position, long most, PipeWriter output)
    {
        Span<byte> target = output.GetSpan(block.Length + 1);
        int made = 0;
        foreach (byte next in block)
        {
            if (previous >= 0 && made < most)
            {
                target[made++] = (byte)((previous | (next << 8)) >> _bitOffset);
            }

            previous = next;
        }

        if (isLast && made < most)
        {
            target[made++] = (byte)(previous >> _bitOffset);
        }

        // Bits after the frame's last belong to the next frame.
        int spare = (int)(Length * 8 - _bitLength);
        if (made > 0 && position + made == Length)
        {
            target[made - 1] &= (byte)(0xFF >> spare);
        }

        output.Advance(made);
        return made;
    }
}
