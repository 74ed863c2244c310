using System.Buffers.Binary;
using System.Text;

namespace ImagingIngestion.TestData;

/// <summary>Writes data elements byte by byte, exactly as given: it corrects no padding, length or order.</summary>
/// <remarks>It shares no code with the product's writer, so that an error there cannot be hidden by the same error here.</remarks>
public sealed class ElementWriter(Wire wire)
{
    public const uint Undefined = 0xFFFF_FFFF;

    private readonly MemoryStream _bytes = new();

    public Wire Wire { get; } = wire;

    public int Length => (int)_bytes.Length;

    private bool IsBig => Wire == Wire.ExplicitBig;

    public byte[] ToArray() => _bytes.ToArray();

    public ElementWriter Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    /// <summary>Writes tag, VR if it is explicit, and length.</summary>
    public ElementWriter Header(uint tag, string vr, uint length)
    {
        TagOnly(tag);
        if (Wire == Wire.ImplicitLittle)
        {
            return U32(length);
        }

        Raw(Encoding.Latin1.GetBytes(vr));
        return HasLongLength(vr) ? U16(0).U32(length) : U16((ushort)length);
    }

    /// <summary>Writes an item or delimiter: a tag and a length in any syntax (PS3.5 section 7.5).</summary>
    public ElementWriter Mark(uint tag, uint length) => TagOnly(tag).U32(length);

    /// <summary>Writes a whole element; the value is given in little endian and swapped here if necessary.</summary>
    public ElementWriter Element(uint tag, string vr, byte[] value)
        => Header(tag, vr, (uint)value.Length).Raw(IsBig ? Swapped(value, UnitOf(vr)) : value);

    public ElementWriter U16(ushort value)
    {
        Span<byte> buffer = stackalloc byte[2];
        if (IsBig)
        {
            BinaryPrimitives.WriteUInt16BigEndian(buffer, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(buffer, value);
        }

        return Raw(buffer);
    }

    public ElementWriter U32(uint value)
    {
        Span<byte> buffer = stackalloc byte[4];
        if (IsBig)
        {
            BinaryPrimitives.WriteUInt32BigEndian(buffer, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(buffer, value);
        }

        return Raw(buffer);
    }

    private static bool HasLongLength(string vr)
        => vr is "OB" or "OW" or "OF" or "OD" or "OL" or "OV" or "SQ" or "SV" or "UV" or "UC" or "UN" or "UR" or "UT";

    private static int UnitOf(string vr) => vr switch
    {
        "US" or "SS" or "OW" or "AT" => 2,
        "UL" or "SL" or "FL" or "OF" or "OL" => 4,
        "FD" or "OD" or "OV" or "SV" or "UV" => 8,
        _ => 1,
    };

    private static byte[] Swapped(byte[] value, int unit)
    {
        byte[] swapped = [.. value];
        for (int i = 0; i + unit <= swapped.Length; i += unit)
        {
            swapped.AsSpan(i, unit).Reverse();
        }

        return swapped;
    }

    private ElementWriter TagOnly(uint tag) => U16((ushort)(tag >> 16)).U16((ushort)tag);
}

/// <summary>The three ways to write a data element (PS3.5 section 7.1).</summary>
public enum Wire
{
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
}
