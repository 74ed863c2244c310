using System.Buffers.Binary;
using System.Text;

namespace ImagingIngestion.Dimse.Pdus;

/// <summary>Takes fixed and counted fields from the front of what a peer sent; nothing is taken that is not there.</summary>
internal static class PduField
{
    /// <summary>Takes so many bytes.</summary>
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

    /// <summary>Takes a length of two bytes and so many bytes behind it.</summary>
    public static ReadOnlySpan<byte> TakeCounted(ref ReadOnlySpan<byte> rest) => Take(ref rest, TakeNumber(ref rest));

    /// <summary>AE titles and UIDs as peers send them: padded with spaces or NULs on either side.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes.Trim(" \0"u8));
}
