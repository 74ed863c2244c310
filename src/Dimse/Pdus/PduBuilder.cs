using System.Buffers.Binary;
using System.Text;
using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Dimse.Pdus;

/// <summary>Puts a PDU together; lengths are filled in when what they count is complete.</summary>
internal sealed class PduBuilder
{
    private byte[] _bytes = new byte[512];
    private int _count;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _count);

    /// <summary>Room for so many bytes, all zero.</summary>
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

    /// <summary>An AE title, padded with spaces.</summary>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public void Title(string title)
    {
        if (title.Length > AeTitle.MaxLength)
        {
            throw new ArgumentException($"An AE title has at most {AeTitle.MaxLength} characters.", nameof(title));
        }

        Text(title.PadRight(AeTitle.MaxLength));
    }

    /// <summary>A length of two bytes, and the bytes.</summary>
    public void Counted(ReadOnlySpan<byte> value)
    {
        Number(Size(value.Length));
        Raw(value);
    }

    /// <summary>A length of two bytes, and the characters.</summary>
    public void Counted(string text)
    {
        Number(Size(text.Length));
        Text(text);
    }

    /// <summary>Begins an item; what is written until <see cref="End"/> belongs to it.</summary>
    public int Begin(PduItemType type)
    {
        Skip(4)[0] = (byte)type;
        return _count;
    }

    /// <summary>Ends the item that began there.</summary>
    /// <exception cref="ArgumentException">It is longer than its length can tell.</exception>
    public void End(int begin) => BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(begin - 2), Size(_count - begin));

    /// <summary>An item that is nothing but text.</summary>
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

/// <summary>
/// The first byte of an item (PS3.8 section 9.3.2, PS3.7 annex D.3.3). Types that are not named here are skipped, 57H (common extended
/// negotiation) among them.
/// </summary>
internal enum PduItemType : byte
{
    ApplicationContext = 0x10,
    ProposedContext = 0x20,
    ContextResult = 0x21,
    AbstractSyntax = 0x30,
    TransferSyntax = 0x40,
    UserInformation = 0x50,
    MaximumLength = 0x51,
    ImplementationClassUid = 0x52,
    AsynchronousOperations = 0x53,
    RoleSelection = 0x54,
    ImplementationVersionName = 0x55,
    ExtendedNegotiation = 0x56,
    UserIdentity = 0x58,
    UserIdentityResponse = 0x59,
}
