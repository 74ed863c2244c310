using System.Buffers.Binary;
using System.Text;

namespace ImagingIngestion.Grains.Cluster;

/// <summary>Reads what <see cref="WireWriter"/> wrote. Takes no memory for a length before that many bytes are there.</summary>
/// <param name="data">One call or answer; byte values that are read go on being part of it.</param>
internal sealed class WireReader(ReadOnlyMemory<byte> data)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private int _position;
    private int _elements;

    private int Left => data.Length - _position;

    public byte Byte() => Take(1).Span[0];

    public bool Bool() => Byte() switch
    {
        0 => false,
        1 => true,
        _ => throw Wrong("a yes or no"),
    };

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)).Span);

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)).Span);

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)).Span);

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)).Span);

    /// <summary>A number of 0 or more.</summary>
    public long Size() => Int64() is >= 0 and var value ? value : throw Wrong("a size");

    /// <summary>A length or count up to a limit.</summary>
    public int Length(int limit)
    {
        uint value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte part = Byte();
            value |= (uint)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value <= limit && (shift < 28 || part < 0x10) ? (int)value : throw Wrong("a length");
            }
        }

        throw Wrong("a length");
    }

    public ReadOnlyMemory<byte> Fixed(int length) => Take(length);

    public ReadOnlyMemory<byte> Bytes(int limit) => Take(Length(limit));

    public string Text(int limit)
    {
        try
        {
            return StrictUtf8.GetString(Bytes(limit).Span);
        }
        catch (DecoderFallbackException)
        {
            throw Wrong("a text");
        }
    }

    public string? OptionalText(int limit) => Bool() ? Text(limit) : null;

    public DateTimeOffset Time()
    {
        long ticks = Int64();
        TimeSpan offset = TimeSpan.FromMinutes((short)UInt16());
        bool isTime = ticks >= 0 && ticks <= DateTime.MaxValue.Ticks && offset.Duration() <= TimeSpan.FromHours(14)
            && ticks - offset.Ticks >= 0 && ticks - offset.Ticks <= DateTime.MaxValue.Ticks;
        return isTime ? new DateTimeOffset(ticks, offset) : throw Wrong("a time");
    }

    /// <summary>Counts an element or item of the attributes.</summary>
    public void CountElement()
    {
        if (++_elements > GrainCallLimits.MaxElements)
        {
            throw new InvalidDataException($"A call has more than {GrainCallLimits.MaxElements} attributes.");
        }
    }

    /// <summary>Everything was read.</summary>
    public void End()
    {
        if (Left > 0)
        {
            throw new InvalidDataException($"{Left} bytes follow behind the end.");
        }
    }

    private ReadOnlyMemory<byte> Take(int length)
    {
        if (length > Left)
        {
            throw new InvalidDataException($"It ends at byte {data.Length}, within a field.");
        }

        _position += length;
        return data.Slice(_position - length, length);
    }

    private InvalidDataException Wrong(string expected) => new($"Before byte {_position} it has not {expected}.");
}
