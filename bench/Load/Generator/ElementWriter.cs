using System.Buffers.Binary;
using System.Text;

namespace ImagingIngestion.Load.Generator;

/// <summary>Writes data elements in Explicit VR Little Endian (PS3.5 section 7.1.2).</summary>
/// <remarks>It is the generator's own, because it must not share an error with the codec that it measures.</remarks>
public sealed class ElementWriter
{
    private readonly MemoryStream _bytes = new();

    /// <summary>Bytes written so far.</summary>
    public int Position => (int)_bytes.Length;

    /// <summary>Elements written so far, items not counted.</summary>
    public int Count { get; private set; }

    public byte[] ToArray() => _bytes.ToArray();

    public void Raw(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    /// <summary>Writes a text element, padded to even length, and returns the place of its value.</summary>
    public PatchSlot Text(uint tag, string vr, string value)
    {
        byte pad = vr == "UI" ? (byte)0 : (byte)' ';
        byte[] text = Encoding.ASCII.GetBytes(value);
        Header(tag, vr, (uint)(text.Length + (text.Length & 1)));
        PatchSlot slot = new(Position, text.Length);
        _bytes.Write(text);
        if ((text.Length & 1) == 1)
        {
            _bytes.WriteByte(pad);
        }

        return slot;
    }

    public void UShort(uint tag, params ReadOnlySpan<ushort> values)
    {
        Header(tag, "US", (uint)values.Length * 2);
        Span<byte> bytes = stackalloc byte[2];
        foreach (ushort value in values)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
            _bytes.Write(bytes);
        }
    }

    public void Double(uint tag, double value)
    {
        Header(tag, "FD", 8);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        _bytes.Write(bytes);
    }

    public void Bytes(uint tag, string vr, ReadOnlySpan<byte> value)
    {
        Header(tag, vr, (uint)value.Length);
        _bytes.Write(value);
    }

    /// <summary>Writes a sequence with one item, both of defined length.</summary>
    public void Sequence(uint tag, Action<ElementWriter> item)
    {
        ElementWriter inner = new();
        item(inner);
        Header(tag, "SQ", (uint)inner.Position + 8);
        Span<byte> itemHeader = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(itemHeader, 0xE000FFFE);
        BinaryPrimitives.WriteUInt32LittleEndian(itemHeader[4..], (uint)inner.Position);
        _bytes.Write(itemHeader);
        _bytes.Write(inner.ToArray());
        Count += inner.Count;
    }

    /// <summary>Writes tag, VR and length; the value follows by other means.</summary>
    public void Header(uint tag, string vr, uint length)
    {
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(tag >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)tag);
        Encoding.ASCII.GetBytes(vr, header[4..]);
        bool isLong = vr is "OB" or "OW" or "SQ" or "UN" or "UT";
        if (isLong)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header[8..], length);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)length);
        }

        _bytes.Write(header[..(isLong ? 12 : 8)]);
        Count++;
    }
}

/// <summary>Preamble and file meta information (PS3.10 section 7.1) of the generated files.</summary>
public static class FileMetaBytes
{
    private const string ExplicitLittleEndian = "1.2.840.10008.1.2.1";

    /// <summary>Writes preamble and group 0002 and returns the place of the SOP Instance UID.</summary>
    public static PatchSlot Write(ElementWriter writer, string sopClassUid, string transferSyntaxUid = ExplicitLittleEndian)
    {
        ElementWriter group = new();
        group.Bytes(0x0002_0001, "OB", [0, 1]);
        group.Text(0x0002_0002, "UI", sopClassUid);
        PatchSlot sop = group.Text(0x0002_0003, "UI", BenchUid.Format(BenchUid.Instance, 0, 0));
        group.Text(0x0002_0010, "UI", transferSyntaxUid);
        group.Text(0x0002_0012, "UI", "2.25.190275418263519");
        group.Text(0x0002_0013, "SH", "BENCH_LOAD");

        writer.Raw(new byte[128]);
        writer.Raw("DICM"u8);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)group.Position);
        writer.Header(0x0002_0000, "UL", 4);
        writer.Raw(length);
        PatchSlot placed = sop with { Offset = sop.Offset + writer.Position };
        writer.Raw(group.ToArray());
        return placed;
    }
}
