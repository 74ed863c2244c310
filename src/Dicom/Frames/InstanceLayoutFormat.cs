using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Frames;

/// <summary>
/// The stored form of <see cref="InstanceLayout"/>: a version byte, then 7-bit encoded integers; fragments as gaps and lengths. Version 2
/// is that of an irregular data set and has a byte of flags after the version; regular ones stay readable for older processes.
/// </summary>
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

    /// <summary>A count that the remaining bytes could hold, so that damaged bytes ask for no memory.</summary>
    private static int Count(BinaryReader reader)
    {
        int count = reader.Read7BitEncodedInt();
        return count >= 0 && count <= reader.BaseStream.Length - reader.BaseStream.Position
            ? count
            : throw new InvalidDataException("The instance layout is damaged.");
    }
}
