using System.Buffers.Binary;
using System.Text;

namespace ImagingIngestion.Dimse.Pdus;

/// <summary>
/// Reads the items of a PDU, or the sub-items of an item (PS3.8 section 9.3.1): type, a reserved byte, a length of two bytes, the value.
/// </summary>
internal ref struct PduItems(ReadOnlySpan<byte> bytes)
{
    private const int HeaderSize = 4;

    private readonly int _zerosAtEnd = bytes.Length - 1 - bytes.LastIndexOfAnyExcept((byte)0);
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The type of the item that was read last.</summary>
    public PduItemType Type { get; private set; }

    /// <summary>The value of the item that was read last.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Advances to the next item; returns false after the last.</summary>
    /// <remarks>Some peers leave zeros after their last item: they are not items.</remarks>
    /// <exception cref="PduException">The item is longer than what is left.</exception>
    public bool Read()
    {
        if (_rest.Length <= _zerosAtEnd)
        {
            return false;
        }

        if (_rest.Length < HeaderSize)
        {
            throw new PduException(AbortReason.InvalidParameterValue, $"An item header was cut off: {_rest.Length} bytes are left.");
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length > _rest.Length - HeaderSize)
        {
            throw new PduException(
                AbortReason.InvalidParameterValue,
                $"An item {_rest[0]:X2}H announces {length} bytes; {_rest.Length - HeaderSize} are left.");
        }

        Type = (PduItemType)_rest[0];
        Value = _rest.Slice(HeaderSize, length);
        _rest = _rest[(HeaderSize + length)..];
        return true;
    }
}

/// <summary>Takes fixed and counted fields from the front of a peer's bytes; it takes only bytes that are there.</summary>
internal static class PduField
{
    /// <summary>Takes this number of bytes.</summary>
    /// <exception cref="PduException">Fewer are left.</exception>
    public static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int count)
    {
        if (rest.Length < count)
        {
            throw new PduException(AbortReason.InvalidParameterValue, $"A field of {count} bytes was cut off: {rest.Length} are left.");
        }

        ReadOnlySpan<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    public static byte TakeByte(ref ReadOnlySpan<byte> rest) => Take(ref rest, 1)[0];

    public static ushort TakeNumber(ref ReadOnlySpan<byte> rest) => BinaryPrimitives.ReadUInt16BigEndian(Take(ref rest, 2));

    public static uint TakeLong(ref ReadOnlySpan<byte> rest) => BinaryPrimitives.ReadUInt32BigEndian(Take(ref rest, 4));

    /// <summary>Takes a length of two bytes and that number of bytes after it.</summary>
    public static ReadOnlySpan<byte> TakeCounted(ref ReadOnlySpan<byte> rest) => Take(ref rest, TakeNumber(ref rest));

    /// <summary>Returns an AE title or UID without the spaces or NULs with which peers pad it on either side.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes.Trim(" \0"u8));
}

/// <summary>The first byte of an item (PS3.8 section 9.3.2, PS3.7 annex D.3.3).</summary>
/// <remarks>Types that are not named here are skipped, 57H (common extended negotiation) among them.</remarks>
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
