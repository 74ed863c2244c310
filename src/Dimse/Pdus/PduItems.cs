using System.Buffers.Binary;

namespace ImagingIngestion.Dimse.Pdus;

/// <summary>
/// The items of a PDU, or the sub-items of an item (PS3.8 section 9.3.1): type, a reserved byte, a length of two bytes, the value.
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

    /// <summary>Goes on to the next item; false behind the last. Zeros that some peers leave behind their last item are no items.</summary>
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
