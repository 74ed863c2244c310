using System.Buffers;
using System.Text;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Manifest.State;

/// <summary>Converts elements to the one form of the manifest, so that equal values have equal bytes.</summary>
public static class Utf8Attributes
{
    private static readonly SearchValues<byte> Ascii = SearchValues.Create(
        Enumerable.Range(0, 0x80).Select(value => (byte)value).ToArray());

    /// <summary>Creates an empty data set with text in UTF-8, also in its items.</summary>
    public static DicomDataset NewDataset() => new() { CharacterSet = SpecificCharacterSet.Utf8 };

    /// <summary>Returns the element with its text in UTF-8; null if its value is not in memory.</summary>
    /// <param name="element">The parsed element.</param>
    /// <param name="characterSet">The character set of the data set or item that holds it.</param>
    /// <param name="parent">The data set that will hold the result.</param>
    public static DicomElement? Normalise(DicomElement element, SpecificCharacterSet characterSet, DicomDataset parent)
    {
        if (element.Bulk is not null)
        {
            return null;
        }

        if (element.Items is not null)
        {
            return new DicomElement(element.Tag, element.Items.Select(item => NormaliseItem(item, parent)).ToArray());
        }

        DicomVRTraits traits = element.VR.Traits();
        return traits.Kind == DicomValueKind.Text
            ? new DicomElement(element.Tag, element.VR, NormaliseText(element.Value.Span, traits, characterSet))
            : new DicomElement(element.Tag, element.VR, element.Value.ToArray());
    }

    private static DicomDataset NormaliseItem(DicomDataset item, DicomDataset parent)
    {
        DicomDataset answer = new(parent);
        foreach (DicomElement element in item.Elements)
        {
            if (element.Tag != DicomTag.SpecificCharacterSet && Normalise(element, item.CharacterSet, answer) is { } kept)
            {
                answer.TryAdd(kept);
            }
        }

        return answer;
    }

    /// <summary>Converts text; the default repertoire keeps its bytes, unless a device wrote others into it.</summary>
    private static byte[] NormaliseText(ReadOnlySpan<byte> value, DicomVRTraits traits, SpecificCharacterSet characterSet)
    {
        ReadOnlySpan<byte> bytes = traits.UsesCharacterSet || value.ContainsAnyExcept(Ascii)
            ? Encoding.UTF8.GetBytes(characterSet.Decode(value, traits.VR))
            : value;
        bytes = bytes.TrimEnd(" \0"u8);
        byte[] padded = new byte[bytes.Length + (bytes.Length & 1)];
        bytes.CopyTo(padded);
        padded.AsSpan(bytes.Length).Fill(traits.Padding);
        return padded;
    }
}
