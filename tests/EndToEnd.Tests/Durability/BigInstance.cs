using System.Buffers.Binary;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>A multi-frame instance of any size that is held nowhere: each 8 bytes of its pixel data state their own place.</summary>
internal sealed class BigInstance
{
    public const int FrameBytes = 512 * 512;

    private readonly byte[] _head;
    private readonly int _dataSetAt;

    public BigInstance(string name, int frames)
    {
        TestInstance instance = new(name) { Rows = 512, Columns = 512, NumberOfFrames = frames };
        Path = new StoredPath(instance.StudyUid, instance.SeriesUid, instance.SopUid);
        PixelBytes = (long)frames * FrameBytes;
        ElementWriter header = new ElementWriter(Wire.ExplicitLittle).Header(Tag.PixelData, "OB", (uint)PixelBytes);
        byte[] file = [.. instance.ToPart10(), .. header.ToArray()];
        _head = file;
        _dataSetAt = file.Length - Part10Split.DataSet(file).Length;
    }

    public StoredPath Path { get; }

    public long PixelBytes { get; }

    /// <summary>Bytes of the Part 10 file as it is sent.</summary>
    public long FileLength => _head.Length + PixelBytes;

    /// <summary>Bytes of the data set before the pixels.</summary>
    public ReadOnlySpan<byte> DataSetHead => _head.AsSpan(_dataSetAt);

    public ReadOnlySpan<byte> Head => _head;

    /// <summary>Fills a buffer with the pixel data that begins at an offset.</summary>
    public static void FillPixels(Span<byte> buffer, long offset)
    {
        Span<byte> word = stackalloc byte[8];
        for (int at = 0; at < buffer.Length;)
        {
            long position = offset + at;
            int within = (int)(position % 8);
            BinaryPrimitives.WriteInt64LittleEndian(word, (position - within) * 0x5851_F42D_4C95_7F2D);
            int count = Math.Min(8 - within, buffer.Length - at);
            word.Slice(within, count).CopyTo(buffer[at..]);
            at += count;
        }
    }

    /// <summary>
    /// Reads a stream to its end and returns its first difference from this range of the pixel data; null if there is none.
    /// </summary>
    public static async Task<string?> FindDifferenceAsync(Stream stream, long offset, long length)
    {
        byte[] read = new byte[128 * 1024];
        byte[] expected = new byte[read.Length];
        long done = 0;
        for (int count = await stream.ReadAsync(read); count > 0; count = await stream.ReadAsync(read))
        {
            FillPixels(expected.AsSpan(0, count), offset + done);
            if (done + count > length || !read.AsSpan(0, count).SequenceEqual(expected.AsSpan(0, count)))
            {
                return $"other bytes within the {count} at {offset + done}";
            }

            done += count;
        }

        return done == length ? null : $"{done} bytes instead of {length}";
    }
}
