using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Messages;

/// <summary>The elements of a command set by their number in group 0000, in Implicit VR Little Endian.</summary>
internal sealed class CommandElements
{
    private const int HeaderSize = 8;

    private readonly SortedDictionary<ushort, byte[]> _values = [];

    /// <exception cref="PduException">It is no command set.</exception>
    public static CommandElements Read(ReadOnlySpan<byte> bytes)
    {
        CommandElements elements = new();
        while (bytes.Length >= HeaderSize)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            if (BinaryPrimitives.ReadUInt16LittleEndian(bytes) != 0 || length > bytes.Length - HeaderSize)
            {
                break;
            }

            elements._values[BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..])] = bytes.Slice(HeaderSize, (int)length).ToArray();
            bytes = bytes[(HeaderSize + (int)length)..];
        }

        return bytes.IsEmpty ? elements : throw new PduException(AbortReason.InvalidParameterValue, "A command set ends in the middle of an element, or has elements of another group than 0000.");
    }

    public void Write(IBufferWriter<byte> target)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, _values.Values.Sum(value => value.Length + HeaderSize));
        Write(target, 0, length);
        foreach ((ushort element, byte[] value) in _values)
        {
            Write(target, element, value);
        }
    }

    /// <summary>Null when there is none.</summary>
    public ushort? Number(ushort element) => _values.TryGetValue(element, out byte[]? value) && value.Length >= 2 ? BinaryPrimitives.ReadUInt16LittleEndian(value) : null;

    /// <exception cref="PduException">There is none.</exception>
    public ushort RequiredNumber(ushort element)
        => Number(element) ?? throw new PduException(AbortReason.InvalidParameterValue, $"A command set lacks (0000,{element:X4}).");

    /// <summary>Null when there is none.</summary>
    public string? Text(ushort element) => _values.TryGetValue(element, out byte[]? value) ? Encoding.ASCII.GetString(value).Trim(' ', '\0') : null;

    /// <summary>Leaves it out where there is no value.</summary>
    public void Set(ushort element, ushort? value)
    {
        if (value is { } number)
        {
            _values[element] = [(byte)number, (byte)(number >> 8)];
        }
    }

    /// <summary>Leaves it out where there is no value.</summary>
    /// <param name="element">Its number.</param>
    /// <param name="value">ASCII.</param>
    /// <param name="pad">Makes the length even: NUL for UIDs, a space for other text.</param>
    public void Set(ushort element, string? value, char pad = '\0')
    {
        if (value is not null)
        {
            _values[element] = Encoding.ASCII.GetBytes(value.Length % 2 == 0 ? value : value + pad);
        }
    }

    private static void Write(IBufferWriter<byte> target, ushort element, ReadOnlySpan<byte> value)
    {
        Span<byte> span = target.GetSpan(HeaderSize + value.Length);
        span[..HeaderSize].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(span[2..], element);
        BinaryPrimitives.WriteInt32LittleEndian(span[4..], value.Length);
        value.CopyTo(span[HeaderSize..]);
        target.Advance(HeaderSize + value.Length);
    }
}
