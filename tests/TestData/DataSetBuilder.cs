using System.Buffers.Binary;
using System.Text;

namespace ImagingIngestion.TestData;

/// <summary>Collects elements, one for each tag, and writes them in ascending order; <see cref="Custom"/> adds irregular ones.</summary>
public sealed class DataSetBuilder
{
    private readonly SortedDictionary<uint, Action<ElementWriter>> _elements = [];

    /// <summary>Adds whatever the function writes, at the place of the tag.</summary>
    public DataSetBuilder Custom(uint tag, Action<ElementWriter> write)
    {
        _elements[tag] = write;
        return this;
    }

    /// <summary>Adds the value as given, in little endian, without padding.</summary>
    public DataSetBuilder Bytes(uint tag, string vr, params byte[] value) => Custom(tag, writer => writer.Element(tag, vr, value));

    /// <summary>Adds text in Latin-1, padded to even length.</summary>
    public DataSetBuilder Text(uint tag, string vr, string text)
    {
        byte[] value = Encoding.Latin1.GetBytes(text);
        return Bytes(tag, vr, value.Length % 2 == 0 ? value : [.. value, vr == "UI" ? (byte)0 : (byte)' ']);
    }

    public DataSetBuilder U16(uint tag, params ushort[] values)
        => Bytes(tag, "US", Little(values, 2, BinaryPrimitives.WriteUInt16LittleEndian));

    public DataSetBuilder S16(uint tag, params short[] values)
        => Bytes(tag, "SS", Little(values, 2, BinaryPrimitives.WriteInt16LittleEndian));

    public DataSetBuilder U32(uint tag, params uint[] values)
        => Bytes(tag, "UL", Little(values, 4, BinaryPrimitives.WriteUInt32LittleEndian));

    public DataSetBuilder S32(uint tag, params int[] values)
        => Bytes(tag, "SL", Little(values, 4, BinaryPrimitives.WriteInt32LittleEndian));

    public DataSetBuilder F32(uint tag, params float[] values)
        => Bytes(tag, "FL", Little(values, 4, BinaryPrimitives.WriteSingleLittleEndian));

    public DataSetBuilder F64(uint tag, params double[] values)
        => Bytes(tag, "FD", Little(values, 8, BinaryPrimitives.WriteDoubleLittleEndian));

    public DataSetBuilder U64(uint tag, string vr, params ulong[] values)
        => Bytes(tag, vr, Little(values, 8, BinaryPrimitives.WriteUInt64LittleEndian));

    /// <summary>Adds a sequence and items of defined length.</summary>
    public DataSetBuilder Sequence(uint tag, params DataSetBuilder[] items)
        => Custom(tag, writer =>
        {
            ElementWriter body = new(writer.Wire);
            foreach (DataSetBuilder item in items)
            {
                byte[] content = item.Encode(writer.Wire);
                body.Mark(Tag.Item, (uint)content.Length).Raw(content);
            }

            writer.Header(tag, "SQ", (uint)body.Length).Raw(body.ToArray());
        });

    /// <summary>Adds a sequence and items of undefined length, ended by delimiters.</summary>
    public DataSetBuilder DelimitedSequence(uint tag, params DataSetBuilder[] items)
        => Custom(tag, writer =>
        {
            writer.Header(tag, "SQ", ElementWriter.Undefined);
            foreach (DataSetBuilder item in items)
            {
                writer.Mark(Tag.Item, ElementWriter.Undefined).Raw(item.Encode(writer.Wire)).Mark(Tag.ItemDelimitation, 0);
            }

            writer.Mark(Tag.SequenceDelimitation, 0);
        });

    /// <summary>Adds encapsulated pixel data (PS3.5 section A.4).</summary>
    public DataSetBuilder Fragments(byte[] offsetTable, params byte[][] fragments)
        => Custom(Tag.PixelData, writer =>
        {
            writer.Header(Tag.PixelData, "OB", ElementWriter.Undefined).Mark(Tag.Item, (uint)offsetTable.Length).Raw(offsetTable);
            foreach (byte[] fragment in fragments)
            {
                writer.Mark(Tag.Item, (uint)fragment.Length).Raw(fragment);
            }

            writer.Mark(Tag.SequenceDelimitation, 0);
        });

    public DataSetBuilder Remove(uint tag)
    {
        _elements.Remove(tag);
        return this;
    }

    public byte[] Encode(Wire wire)
    {
        ElementWriter writer = new(wire);
        WriteTo(writer);
        return writer.ToArray();
    }

    /// <summary>Appends the elements to a writer.</summary>
    public void WriteTo(ElementWriter writer)
    {
        foreach (Action<ElementWriter> write in _elements.Values)
        {
            write(writer);
        }
    }

    private delegate void Put<T>(Span<byte> target, T value);

    private static byte[] Little<T>(T[] values, int size, Put<T> put)
    {
        byte[] bytes = new byte[values.Length * size];
        for (int i = 0; i < values.Length; i++)
        {
            put(bytes.AsSpan(i * size), values[i]);
        }

        return bytes;
    }
}
