using System.Buffers.Binary;
using System.Globalization;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>Writes one value of a numeric VR as the shortest text that reads back to the same number.</summary>
internal static class NumberText
{
    /// <summary>Longest text of one value.</summary>
    public const int MaxLength = 32;

    /// <summary>Integers above 2^53 lose digits in readers whose only number is a double.</summary>
    public const long MaxSafeInteger = 1L << 53;

    /// <param name="value">Exactly one value in little endian.</param>
    /// <param name="vr">A VR of <see cref="DicomValueKind.Numbers"/>.</param>
    /// <param name="text">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="isNumber">
    /// The text is a JSON number that every reader keeps exactly; false for tags, NaN, infinities and integers above 2^53.
    /// </param>
    public static int Format(ReadOnlySpan<byte> value, DicomVR vr, Span<byte> text, out bool isNumber)
    {
        switch (vr)
        {
            case DicomVR.US:
                return Integer(BinaryPrimitives.ReadUInt16LittleEndian(value), text, out isNumber);
            case DicomVR.SS:
                return Integer(BinaryPrimitives.ReadInt16LittleEndian(value), text, out isNumber);
            case DicomVR.UL:
                return Integer(BinaryPrimitives.ReadUInt32LittleEndian(value), text, out isNumber);
            case DicomVR.SL:
                return Integer(BinaryPrimitives.ReadInt32LittleEndian(value), text, out isNumber);
            case DicomVR.SV:
                return Integer(BinaryPrimitives.ReadInt64LittleEndian(value), text, out isNumber);
            case DicomVR.UV:
                ulong large = BinaryPrimitives.ReadUInt64LittleEndian(value);
                isNumber = large <= MaxSafeInteger;
                return Written(large.TryFormat(text, out int digits, default, CultureInfo.InvariantCulture), digits);
            case DicomVR.FL:
                float single = BinaryPrimitives.ReadSingleLittleEndian(value);
                isNumber = float.IsFinite(single);
                return Written(single.TryFormat(text, out int singleLength, default, CultureInfo.InvariantCulture), singleLength);
            case DicomVR.FD:
                double real = BinaryPrimitives.ReadDoubleLittleEndian(value);
                isNumber = double.IsFinite(real);
                return Written(real.TryFormat(text, out int realLength, default, CultureInfo.InvariantCulture), realLength);
            default:
                isNumber = false;
                uint tag = ((uint)BinaryPrimitives.ReadUInt16LittleEndian(value) << 16)
                    | BinaryPrimitives.ReadUInt16LittleEndian(value[2..]);
                return Written(tag.TryFormat(text, out int hex, "X8", CultureInfo.InvariantCulture), hex);
        }
    }

    /// <summary>Bytes of one value; AT is one value of four bytes although its halves swap apart.</summary>
    public static int Size(DicomVR vr) => vr == DicomVR.AT ? 4 : vr.Traits().UnitSize;

    private static int Integer(long value, Span<byte> text, out bool isNumber)
    {
        isNumber = value is >= -MaxSafeInteger and <= MaxSafeInteger;
        return Written(value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture), length);
    }

    private static int Written(bool fits, int length)
        => fits ? length : throw new ArgumentException($"The text of a number needs {MaxLength} bytes.");
}
