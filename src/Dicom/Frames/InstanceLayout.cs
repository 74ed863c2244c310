using System.Globalization;
using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Frames;

/// <summary>
/// The places of the bulk values and frames of an instance: retrieves read ranges of the stored object and never parse it.
/// </summary>
/// <param name="Bulk">All bulk values that can be retrieved, in the order of the data set.</param>
/// <param name="Frames">The frames; null if there are none or their beginnings are unknown.</param>
public sealed record InstanceLayout(IReadOnlyList<BulkLocation> Bulk, FrameIndex? Frames)
{
    /// <summary>How the data set is encoded.</summary>
    public StoredEncoding Encoding { get; init; }

    public static InstanceLayout Of(ParsedInstance instance)
    {
        List<BulkLocation> bulk = [];
        Collect(instance.Dataset, "", instance.Frames, bulk);
        return new InstanceLayout(bulk, instance.Frames) { Encoding = StoredEncoding.Of(instance) };
    }

    /// <summary>Returns the end of the BulkDataURI of a value; null if the value cannot be retrieved.</summary>
    /// <remarks>
    /// Fragments have a meaning only as frames, and only those of the instance's own Pixel Data are known. Pixel data that contradicts the
    /// transfer syntax cannot be sent under a true label.
    /// </remarks>
    /// <param name="stored">The transfer syntax of the instance.</param>
    /// <param name="element">A bulk value.</param>
    /// <param name="path">Its place in the data set.</param>
    public string? BulkDataUri(TransferSyntax stored, DicomElement element, string path)
        => element.Bulk is { } bulk && CanRetrieve(bulk, path, Frames)
            && !(path == DicomTag.PixelData.ToHex() && stored.Contradicts(bulk.IsEncapsulated)) ? path : null;

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are no layout, or one of a newer version.</exception>
    public static InstanceLayout Read(ReadOnlySpan<byte> bytes) => InstanceLayoutFormat.Read(bytes);

    /// <summary>Returns a compact form for the manifest.</summary>
    public byte[] ToBytes() => InstanceLayoutFormat.Write(this);

    private static bool CanRetrieve(BulkValue value, string path, FrameIndex? frames)
        => value.Uri is null && (!value.IsEncapsulated || (frames is not null && path == DicomTag.PixelData.ToHex()));

    private static void Collect(DicomDataset dataset, string prefix, FrameIndex? frames, List<BulkLocation> bulk)
    {
        foreach (DicomElement element in dataset.Elements)
        {
            if (element.Bulk is { } value && prefix + element.Tag.ToHex() is var path && CanRetrieve(value, path, frames))
            {
                bulk.Add(new BulkLocation(path, element.VR, new ByteRange(value.Offset, value.Length), value.IsEncapsulated));
            }

            for (int item = 0; item < (element.Items?.Count ?? 0); item++)
            {
                Collect(
                    element.Items![item], $"{prefix}{element.Tag.ToHex()}/{item.ToString(CultureInfo.InvariantCulture)}/", frames, bulk);
            }
        }
    }
}

/// <summary>A bulk value of an instance and the path under which retrieves name it.</summary>
/// <param name="Path">Tags in upper-case hexadecimal and 0-based item numbers, as in <c>54000100/0/54001010</c>.</param>
/// <param name="VR">The VR of the element.</param>
/// <param name="Range">The value field, in bytes from the start of the data set (inflated where deflated).</param>
/// <param name="IsEncapsulated">The range holds a sequence of fragments.</param>
public sealed record BulkLocation(string Path, DicomVR VR, ByteRange Range, bool IsEncapsulated);

/// <summary>
/// The stored form of <see cref="InstanceLayout"/>: a version byte, then 7-bit encoded integers; fragments as gaps and lengths.
/// </summary>
/// <remarks>
/// Version 2 describes an irregular data set and has a byte of flags after the version. Regular ones keep version 1, which older processes
/// can read.
/// </remarks>
internal static class InstanceLayoutFormat
{
    private const byte Regular = 1;
    private const byte Irregular = 2;
    private const byte ExplicitVRFlag = 1;
    private const byte BigEndianFlag = 2;

    private enum FramesKind : byte
    {
        None,
        Native,
        Encapsulated,
    }

    public static byte[] Write(InstanceLayout layout)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream, Encoding.UTF8);
        writer.Write(layout.Encoding.IsIrregular ? Irregular : Regular);
        if (layout.Encoding.IsIrregular)
        {
            writer.Write((byte)((layout.Encoding.IsExplicitVR ? ExplicitVRFlag : 0) | (layout.Encoding.IsBigEndian ? BigEndianFlag : 0)));
        }

        writer.Write7BitEncodedInt(layout.Bulk.Count);
        foreach (BulkLocation bulk in layout.Bulk)
        {
            writer.Write(bulk.Path);
            writer.Write((ushort)bulk.VR);
            WriteRange(writer, bulk.Range);
            writer.Write(bulk.IsEncapsulated);
        }

        WriteFrames(writer, layout.Frames);
        writer.Flush();
        return stream.ToArray();
    }

    public static InstanceLayout Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            using BinaryReader reader = new(new MemoryStream(bytes.ToArray()), Encoding.UTF8);
            StoredEncoding encoding = ReadEncoding(bytes);
            reader.BaseStream.Position = encoding.IsIrregular ? 2 : 1;
            BulkLocation[] bulk = new BulkLocation[Count(reader)];
            for (int index = 0; index < bulk.Length; index++)
            {
                bulk[index] = new BulkLocation(reader.ReadString(), (DicomVR)reader.ReadUInt16(), ReadRange(reader), reader.ReadBoolean());
            }

            return new InstanceLayout(bulk, ReadFrames(reader)) { Encoding = encoding };
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException("The instance layout is damaged.", exception);
        }
    }

    public static StoredEncoding ReadEncoding(ReadOnlySpan<byte> head) => head switch
    {
        [Regular, ..] => default,
        [Irregular, byte flags, ..] => new StoredEncoding(true, (flags & ExplicitVRFlag) != 0, (flags & BigEndianFlag) != 0),
        [] or [Irregular] => throw new InvalidDataException("The instance layout is damaged."),
        [byte version, ..] => throw new InvalidDataException($"Instance layout version {version} is not known here."),
    };

    private static void WriteFrames(BinaryWriter writer, FrameIndex? frames)
    {
        if (frames is null)
        {
            writer.Write((byte)FramesKind.None);
            return;
        }

        writer.Write((byte)(frames.IsEncapsulated ? FramesKind.Encapsulated : FramesKind.Native));
        if (!frames.IsEncapsulated)
        {
            writer.Write7BitEncodedInt(frames.Count);
            WriteRange(writer, frames.NativeRange);
            writer.Write7BitEncodedInt64(frames.FrameBits);
            writer.Write(frames.Tag.Value);
            return;
        }

        writer.Write7BitEncodedInt(frames.Fragments.Length);
        long end = 0;
        foreach (ByteRange fragment in frames.Fragments)
        {
            WriteRange(writer, fragment with { Offset = fragment.Offset - end });
            end = fragment.End;
        }

        writer.Write7BitEncodedInt(frames.FirstFragments.Length);
        int before = 0;
        foreach (int first in frames.FirstFragments)
        {
            writer.Write7BitEncodedInt(first - before);
            before = first;
        }
    }

    private static FrameIndex? ReadFrames(BinaryReader reader)
    {
        FramesKind kind = (FramesKind)reader.ReadByte();
        if (kind == FramesKind.None)
        {
            return null;
        }

        if (kind == FramesKind.Native)
        {
            int count = reader.Read7BitEncodedInt();
            ByteRange native = ReadRange(reader);
            return FrameIndex.Native(native, reader.Read7BitEncodedInt64(), count, DicomTag.FromValue(reader.ReadUInt32()));
        }

        ByteRange[] fragments = new ByteRange[Count(reader)];
        long end = 0;
        for (int index = 0; index < fragments.Length; index++)
        {
            ByteRange relative = ReadRange(reader);
            fragments[index] = relative with { Offset = relative.Offset + end };
            end = fragments[index].End;
        }

        int[] first = new int[Count(reader)];
        int before = 0;
        for (int index = 0; index < first.Length; index++)
        {
            first[index] = before += reader.Read7BitEncodedInt();
        }

        return FrameIndex.Encapsulated(fragments, first);
    }

    private static void WriteRange(BinaryWriter writer, ByteRange range)
    {
        writer.Write7BitEncodedInt64(range.Offset);
        writer.Write7BitEncodedInt64(range.Length);
    }

    private static ByteRange ReadRange(BinaryReader reader)
    {
        long offset = reader.Read7BitEncodedInt64();
        return new ByteRange(offset, reader.Read7BitEncodedInt64());
    }

    /// <summary>Reads a count that the remaining bytes could hold, so that damaged bytes take no memory.</summary>
    private static int Count(BinaryReader reader)
    {
        int count = reader.Read7BitEncodedInt();
        return count >= 0 && count <= reader.BaseStream.Length - reader.BaseStream.Position
            ? count
            : throw new InvalidDataException("The instance layout is damaged.");
    }
}
