using System.Buffers.Binary;
using System.Globalization;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>Turns values that came as text into the value field of a VR: UTF-8 for text, little endian for numbers.</summary>
internal static class ValueEncoder
{
    /// <summary>Encodes the values that stand in the collector since the mark.</summary>
    /// <returns>Null, or the fault.</returns>
    public static string? TryEncode(ValueCollector collector, ValueCollector.Mark mark, DicomVR vr, out byte[] field)
    {
        field = [];
        ReadOnlySpan<DocumentValue> values = collector.Since(mark);
        bool anyText = false;
        foreach (DocumentValue value in values)
        {
            if (value.Kind == DocumentValueKind.Item || (value.Kind == DocumentValueKind.EmptyObject && vr != DicomVR.PN))
            {
                return $"values of VR {vr.Code()} cannot be objects";
            }

            anyText |= value.Kind == DocumentValueKind.Text;
        }

        switch (vr.Traits().Kind)
        {
            case DicomValueKind.Text:
                field = JoinText(collector, values, vr.Traits().Padding);
                return null;
            case DicomValueKind.Numbers when anyText:
                return EncodeNumbers(collector, values, vr, out field);
            case DicomValueKind.Bytes when anyText && vr != DicomVR.UN:
                return $"VR {vr.Code()} needs InlineBinary or a bulk data reference, not values";
            case DicomValueKind.Bytes when anyText:
                field = JoinText(collector, values, 0);
                return null;
            default:
                return null;
        }
    }

    private static byte[] JoinText(ValueCollector collector, ReadOnlySpan<DocumentValue> values, byte padding)
    {
        int length = Math.Max(values.Length - 1, 0);
        foreach (DocumentValue value in values)
        {
            length += value.Length;
        }

        byte[] field = new byte[length + (length & 1)];
        int at = 0;
        for (int index = 0; index < values.Length; index++)
        {
            if (index > 0)
            {
                field[at++] = ElementText.Delimiter;
            }

            collector.TextOf(values[index]).CopyTo(field.AsSpan(at));
            at += values[index].Length;
        }

        if (at < field.Length)
        {
            field[at] = padding;
        }

        return field;
    }

    private static string? EncodeNumbers(ValueCollector collector, ReadOnlySpan<DocumentValue> values, DicomVR vr, out byte[] field)
    {
        int size = NumberText.Size(vr);
        field = new byte[checked(values.Length * size)];
        for (int index = 0; index < values.Length; index++)
        {
            Span<byte> target = field.AsSpan(index * size, size);
            if (!TryEncodeNumber(collector.TextOf(values[index]), vr, target))
            {
                return $"value {index + 1} is not of VR {vr.Code()}";
            }
        }

        return null;
    }

    /// <summary>Encodes one number.</summary>
    /// <remarks>An empty place among floating point numbers stands for NaN: some writers cannot write it.</remarks>
    internal static bool TryEncodeNumber(ReadOnlySpan<byte> text, DicomVR vr, Span<byte> target)
    {
        switch (vr)
        {
            case DicomVR.FL:
                bool isSingle = TryParseReal(text, out double single);
                BinaryPrimitives.WriteSingleLittleEndian(
                    target,
                    float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float exact) ? exact : (float)single);
                return isSingle;
            case DicomVR.FD:
                bool isReal = TryParseReal(text, out double real);
                BinaryPrimitives.WriteDoubleLittleEndian(target, real);
                return isReal;
            case DicomVR.AT:
                bool isTag =
                    text.Length == 8 & uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint tag);
                BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)(tag >> 16));
                BinaryPrimitives.WriteUInt16LittleEndian(target[2..], (ushort)tag);
                return isTag;
            case DicomVR.UV:
                bool isLarge = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong large);
                BinaryPrimitives.WriteUInt64LittleEndian(target, large);
                return isLarge;
            default:
                return TryParseInteger(text, out long integer) && TryWriteInteger(integer, vr, target);
        }
    }

    private static bool TryWriteInteger(long value, DicomVR vr, Span<byte> target)
    {
        (long low, long high) = vr switch
        {
            DicomVR.US => (0L, ushort.MaxValue),
            DicomVR.SS => (short.MinValue, short.MaxValue),
            DicomVR.UL => (0L, uint.MaxValue),
            DicomVR.SL => (int.MinValue, int.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        bytes[..target.Length].CopyTo(target);
        return value >= low && value <= high;
    }

    private static bool TryParseInteger(ReadOnlySpan<byte> text, out long value)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        // Writers without integers write 5.0 or 5e0.
        bool isWhole = decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal real)
            && decimal.Truncate(real) == real && real is >= long.MinValue and <= long.MaxValue;
        value = isWhole ? (long)real : 0;
        return isWhole;
    }

    private static bool TryParseReal(ReadOnlySpan<byte> text, out double value)
    {
        value = double.NaN;
        if (text.IsEmpty)
        {
            return true;
        }

        if (text.SequenceEqual("INF"u8) || text.SequenceEqual("inf"u8))
        {
            value = double.PositiveInfinity;
            return true;
        }

        if (text.SequenceEqual("-INF"u8) || text.SequenceEqual("-inf"u8))
        {
            value = double.NegativeInfinity;
            return true;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }
}
