using System.Buffers.Binary;

namespace ImagingIngestion.Dimse.Pdus;

/// <summary>P-DATA-TF (PS3.8 section 9.3.5, annex E): a header, then presentation data values, each after a header of its own.</summary>
public static class DataTransferPdu
{
    /// <summary>Type, a reserved byte and the length.</summary>
    public const int PduHeaderSize = 6;

    /// <summary>The length of a value, the context ID and the message control header; the length counts the last two.</summary>
    public const int ValueHeaderSize = 6;

    /// <summary>Both headers of a PDU with one value.</summary>
    public const int HeaderSize = PduHeaderSize + ValueHeaderSize;

    /// <summary>Writes both headers of a PDU with one value.</summary>
    /// <param name="target">At least <see cref="HeaderSize"/> bytes.</param>
    /// <param name="contextId">The presentation context.</param>
    /// <param name="isCommand">The fragment belongs to a command set, not to a data set.</param>
    /// <param name="isLast">It is the last one.</param>
    /// <param name="length">Bytes of the fragment.</param>
    public static void WriteHeader(Span<byte> target, byte contextId, bool isCommand, bool isLast, int length)
    {
        target[0] = (byte)PduType.DataTransfer;
        target[1] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(target[2..], (uint)(length + ValueHeaderSize));
        BinaryPrimitives.WriteUInt32BigEndian(target[6..], (uint)(length + 2));
        target[10] = contextId;
        target[11] = (byte)((isCommand ? 1 : 0) | (isLast ? 2 : 0));
    }
}
