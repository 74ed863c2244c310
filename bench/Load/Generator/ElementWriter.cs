using System.Buffers.Binary;
using System.Text;

namespace ImagingIngestion.Load.Generator;

/// <summary>
/// Writes data elements in Explicit VR Little Endian (PS3.5 section 7.1.2). The generator's own: it must not share a mistake with the codec
/// that it measures.
/// </summary>
public sealed class ElementWriter
{
    private readonly MemoryStream _bytes = new();

    /// <summary>Bytes written so far.</summary>
    public int Position => (int)_bytes.Length;

    /// <summary>Elements written so far, items not counted.</summary>
    public int Count { get; private set; }

    public byte[] ToArray() => _bytes.ToArray();

    public void Raw(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    /// <summary>Writes a text element, padded to even length, and returns where its value stands.</summary>
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
