using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>Returns the text of an element as UTF-8 with its values separated by backslashes; ASCII bytes need no string.</summary>
internal static class ElementText
{
    public const byte Delimiter = (byte)'\\';

    // Escape starts a code extension, and everything above 7F depends on the character set.
    private static readonly SearchValues<byte> SelfEvident = SearchValues.Create(
        [.. Enumerable.Range(0, 0x80).Where(code => code != 0x1B).Select(code => (byte)code)]);

    /// <summary>Returns the whole value field as UTF-8.</summary>
    /// <remarks>A backslash in it separates values; one that is part of a character in another set has disappeared.</remarks>
    public static ReadOnlyMemory<byte> Utf8(DicomElement element, DicomDataset owner)
    {
        DicomVRTraits traits = element.VR.Traits();
        if (!element.Value.Span.ContainsAnyExcept(SelfEvident) && (!traits.UsesCharacterSet || IsAsciiTransparent(owner.CharacterSet)))
        {
            return element.Value;
        }

        return Encoding.UTF8.GetBytes(traits.IsMultiValued
            ? string.Join('\\', owner.CharacterSet.DecodeValues(element.Value.Span, element.VR))
            : owner.CharacterSet.Decode(element.Value.Span, element.VR));
    }

    /// <summary>Cuts off the first value; if none follows, the rest is empty and <paramref name="last"/> is true.</summary>
    public static ReadOnlySpan<byte> NextValue(ref ReadOnlySpan<byte> rest, DicomVR vr, out bool last)
    {
        int end = vr.Traits().IsMultiValued ? rest.IndexOf(Delimiter) : -1;
        last = end < 0;
        ReadOnlySpan<byte> value = last ? rest : rest[..end];
        rest = last ? default : rest[(end + 1)..];
        return Trim(value, vr);
    }

    /// <summary>
    /// Removes the padding that the VR declares insignificant, and the delimiters after a name's last component group with text.
    /// </summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value, DicomVR vr)
        => vr == DicomVR.PN ? value.TrimEnd(" \0="u8) : TextPadding.Trim(value, vr);

    private static bool IsAsciiTransparent(SpecificCharacterSet characterSet)
        => ReferenceEquals(characterSet, SpecificCharacterSet.Default) || ReferenceEquals(characterSet, SpecificCharacterSet.Utf8);
}

/// <summary>Writes one value of a numeric VR as the shortest text that is read as the same number.</summary>
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

    /// <summary>Returns the bytes of one value; AT is one value of four bytes although its halves are swapped separately.</summary>
    public static int Size(DicomVR vr) => vr == DicomVR.AT ? 4 : vr.Traits().UnitSize;

    private static int Integer(long value, Span<byte> text, out bool isNumber)
    {
        isNumber = value is >= -MaxSafeInteger and <= MaxSafeInteger;
        return Written(value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture), length);
    }

    private static int Written(bool fits, int length)
        => fits ? length : throw new ArgumentException($"The text of a number needs {MaxLength} bytes.");
}
