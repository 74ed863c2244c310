using System.Buffers;
using System.Text;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>
/// Gives the text of an element as UTF-8 with its values still parted by backslashes, without a string where the bytes are ASCII already.
/// </summary>
internal static class ElementText
{
    public const byte Delimiter = (byte)'\\';

    // Escape starts a code extension, and everything above 7F depends on the character set.
    private static readonly SearchValues<byte> SelfEvident = SearchValues.Create(
        [.. Enumerable.Range(0, 0x80).Where(code => code != 0x1B).Select(code => (byte)code)]);

    /// <summary>
    /// The whole value field as UTF-8. A backslash in it parts values; one that belongs to a character of another set is no longer there.
    /// </summary>
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

    /// <summary>Cuts the first value off; the rest is empty and <paramref name="last"/> true when there is none after it.</summary>
    public static ReadOnlySpan<byte> NextValue(ref ReadOnlySpan<byte> rest, DicomVR vr, out bool last)
    {
        int end = vr.Traits().IsMultiValued ? rest.IndexOf(Delimiter) : -1;
        last = end < 0;
        ReadOnlySpan<byte> value = last ? rest : rest[..end];
        rest = last ? default : rest[(end + 1)..];
        return Trim(value, vr);
    }

    /// <summary>
    /// Takes off the padding that the VR calls insignificant; delimiters after the last component group of a name that has text say nothing
    /// either.
    /// </summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value, DicomVR vr)
        => vr == DicomVR.PN ? value.TrimEnd(" \0="u8) : TextPadding.Trim(value, vr);

    private static bool IsAsciiTransparent(SpecificCharacterSet characterSet)
        => ReferenceEquals(characterSet, SpecificCharacterSet.Default) || ReferenceEquals(characterSet, SpecificCharacterSet.Utf8);
}
