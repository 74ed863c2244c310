using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ImagingIngestion.Grains.Cluster;

/// <summary>Writes the fields of calls and answers: numbers in little endian, lengths before what they measure.</summary>
internal sealed class WireWriter(int expected)
{
    private const int MaxLengthBytes = 5;

    private readonly ArrayBufferWriter<byte> _buffer = new(expected);

    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    public void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.GetSpan(sizeof(ushort)), value);
        _buffer.Advance(sizeof(ushort));
    }

    public void Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.GetSpan(sizeof(int)), value);
        _buffer.Advance(sizeof(int));
    }

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(sizeof(uint)), value);
        _buffer.Advance(sizeof(uint));
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(sizeof(long)), value);
        _buffer.Advance(sizeof(long));
    }

    /// <summary>A length or count in seven bits a byte, the lowest first.</summary>
    public void Length(int value)
    {
        Span<byte> span = _buffer.GetSpan(MaxLengthBytes);
        int used = 0;
        uint rest = (uint)value;
        for (; rest >= 0x80; rest >>= 7)
        {
            span[used++] = (byte)(rest | 0x80);
        }

        span[used++] = (byte)rest;
        _buffer.Advance(used);
    }

    public void Fixed(ReadOnlySpan<byte> value) => _buffer.Write(value);

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Length(value.Length);
        _buffer.Write(value);
    }

    public void Text(string value)
    {
        Length(Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, _buffer);
    }

    public void OptionalText(string? value)
    {
        Bool(value is not null);
        if (value is not null)
        {
            Text(value);
        }
    }

    public void Time(DateTimeOffset value)
    {
        Int64(value.Ticks);
        UInt16((ushort)(short)value.Offset.TotalMinutes);
    }
}
