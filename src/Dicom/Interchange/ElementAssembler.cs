using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>Makes an element from the parts that a document gave.</summary>
internal static class ElementAssembler
{
    /// <param name="scope">Holds the values.</param>
    /// <param name="mark">The position at which the values of this element begin.</param>
    /// <param name="content">The other parts.</param>
    /// <param name="owner">The data set that the element goes into.</param>
    /// <param name="element">The element; not to be used after a fault.</param>
    /// <returns>Null, or the fault.</returns>
    public static string? TryAssemble(
        DocumentScope scope, ValueCollector.Mark mark, ElementContent content, DicomDataset owner, out DicomElement element)
    {
        ReadOnlySpan<DocumentValue> values = scope.Values.Since(mark);
        DicomTag tag = content.Tag;
        DicomVR vr = content.VR ?? GuessVR(tag, values);
        element = new DicomElement(tag, vr, content.Inline ?? ReadOnlyMemory<byte>.Empty);
        if ((values.IsEmpty ? 0 : 1) + (content.Inline is null ? 0 : 1) + (content.Uri is null ? 0 : 1) > 1)
        {
            return "only one of values, inline binary and a bulk data reference may be present";
        }

        if (content.Uri is not null)
        {
            element = new DicomElement(tag, vr, new BulkValue { Uri = content.Uri });
            return null;
        }

        if (content.Inline is not null)
        {
            return vr == DicomVR.SQ ? "a sequence cannot be inline binary" : null;
        }

        if (vr == DicomVR.SQ)
        {
            return TryCollectItems(tag, values, owner, ref element);
        }

        string? fault = ValueEncoder.TryEncode(scope.Values, mark, vr, out byte[] field);
        element = new DicomElement(tag, vr, field);
        return fault;
    }

    /// <summary>Returns the dictionary's VR of an element whose document names none, or the VR that its values look like.</summary>
    private static DicomVR GuessVR(DicomTag tag, ReadOnlySpan<DocumentValue> values)
    {
        DicomVR vr = DicomDictionary.VROf(tag);
        DocumentValueKind first = values.IsEmpty ? DocumentValueKind.Nothing : values[0].Kind;
        return first switch
        {
            DocumentValueKind.Item when vr == DicomVR.UN => DicomVR.SQ,

            // Where the standard leaves a choice, values that were written as numbers are not words.
            DocumentValueKind.Text when vr == DicomVR.OW => DicomVR.US,
            _ => vr,
        };
    }

    private static string? TryCollectItems(DicomTag tag, ReadOnlySpan<DocumentValue> values, DicomDataset owner, ref DicomElement element)
    {
        List<DicomDataset> items = new(values.Length);
        foreach (DocumentValue value in values)
        {
            if (value.Kind == DocumentValueKind.Text)
            {
                return "a sequence holds items, not text";
            }

            items.Add(value.Item ?? new DicomDataset(owner) { CharacterSet = SpecificCharacterSet.Utf8 });
        }

        element = new DicomElement(tag, items);
        return null;
    }
}

/// <summary>The parts of an element in a document other than its values.</summary>
/// <param name="Tag">Its tag.</param>
/// <param name="VR">Its VR, if the document names one.</param>
/// <param name="Inline">Bytes that were given as base64.</param>
/// <param name="Uri">The place of the value instead.</param>
internal readonly record struct ElementContent(DicomTag Tag, DicomVR? VR, byte[]? Inline, string? Uri);
