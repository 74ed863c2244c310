using System.Text;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Gateways.Dimse.Find;

/// <summary>
/// Chooses the character set of a response: none where all is ASCII, else that of the query where it has all characters, else ISO_IR 192
/// (PS3.4 section C.4.1.1.3.2).
/// </summary>
internal static class AnswerCharacterSet
{
    /// <param name="answer">In UTF-8; not to be used afterwards.</param>
    /// <param name="asked">The character set of the query.</param>
    public static DicomDataset Apply(DicomDataset answer, SpecificCharacterSet asked)
    {
        if (IsAscii(answer))
        {
            answer.Remove(DicomTag.SpecificCharacterSet);
            return answer;
        }

        return asked != SpecificCharacterSet.Utf8 && TryEncode(answer, asked, null) is { } encoded ? encoded : answer;
    }

    private static bool IsAscii(DicomDataset dataset)
        => dataset.Elements.All(element => element.Items?.All(IsAscii) ?? (!IsText(element) || Ascii.IsValid(element.Value.Span)));

    private static bool IsText(DicomElement element) => element.VR.Traits().UsesCharacterSet;

    private static DicomDataset? TryEncode(DicomDataset source, SpecificCharacterSet asked, DicomDataset? parent)
    {
        DicomDataset encoded = new(parent) { CharacterSet = asked };
        foreach (DicomElement element in source.Elements)
        {
            if (TryEncode(element, asked, encoded) is not { } written)
            {
                return null;
            }

            encoded.Set(written);
        }

        return encoded;
    }

    private static DicomElement? TryEncode(DicomElement element, SpecificCharacterSet asked, DicomDataset target)
    {
        if (element.Tag == DicomTag.SpecificCharacterSet)
        {
            return new DicomElement(element.Tag, DicomVR.CS, Encoding.ASCII.GetBytes(asked.DeclaredValue));
        }

        if (element.Items is { } items)
        {
            DicomDataset?[] written = [.. items.Select(item => TryEncode(item, asked, target))];
            return Array.Exists(written, item => item is null) ? null : new DicomElement(element.Tag, [.. written.OfType<DicomDataset>()]);
        }

        return !IsText(element) ? element
            : asked.TryEncode(Encoding.UTF8.GetString(element.Value.Span), element.VR, out byte[] bytes) ? new DicomElement(element.Tag, element.VR, bytes)
            : null;
    }
}
