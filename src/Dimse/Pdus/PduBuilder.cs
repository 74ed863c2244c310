using System.Buffers.Binary;
using System.Text;
using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Dimse.Pdus;

/// <summary>Builds a PDU; lengths are filled in when the bytes that they count are complete.</summary>
internal sealed class PduBuilder
{
    private byte[] _bytes = new byte[512];
    private int _count;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _count);

    /// <summary>Appends this number of bytes, all zero, and returns them.</summary>
    public Span<byte> Skip(int count)
    {
        if (_bytes.Length - _count < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + count));
        }

        _count += count;
        return _bytes.AsSpan(_count - count, count);
    }

    public void Byte(byte value) => Skip(1)[0] = value;

    public void Number(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Skip(2), value);

    public void Long(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Skip(4), value);

    public void Raw(ReadOnlySpan<byte> value) => value.CopyTo(Skip(value.Length));

    /// <exception cref="ArgumentException">It has other characters than ASCII.</exception>
    public void Text(string text)
    {
        if (!Ascii.IsValid(text))
        {
            throw new ArgumentException("AE titles, UIDs and names in a PDU have ASCII characters only.", nameof(text));
        }

        Encoding.ASCII.GetBytes(text, Skip(text.Length));
    }

    /// <summary>Appends an AE title, padded with spaces.</summary>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public void Title(string title)
    {
        if (title.Length > AeTitle.MaxLength)
        {
            throw new ArgumentException($"An AE title has at most {AeTitle.MaxLength} characters.", nameof(title));
        }

        Text(title.PadRight(AeTitle.MaxLength));
    }

    /// <summary>Appends a length of two bytes, and the bytes.</summary>
    public void Counted(ReadOnlySpan<byte> value)
    {
        Number(Size(value.Length));
        Raw(value);
    }

    /// <summary>Appends a length of two bytes, and the characters.</summary>
    public void Counted(string text)
    {
        Number(Size(text.Length));
        Text(text);
    }

    /// <summary>Begins an item; bytes written until <see cref="End"/> belong to it.</summary>
    public int Begin(PduItemType type)
    {
        Skip(4)[0] = (byte)type;
        return _count;
    }

    /// <summary>Ends the item that began there.</summary>
    /// <exception cref="ArgumentException">It is longer than its length field can express.</exception>
    public void End(int begin) => BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(begin - 2), Size(_count - begin));

    /// <summary>Appends an item that consists of text.</summary>
    public void Item(PduItemType type, string text)
    {
        int begin = Begin(type);
        Text(text);
        End(begin);
    }

    private static ushort Size(int length)
        => length <= ushort.MaxValue ? (ushort)length : throw new ArgumentException(
            $"{length} bytes do not fit into an item of a PDU; at most {ushort.MaxValue} do.", nameof(length));
}
