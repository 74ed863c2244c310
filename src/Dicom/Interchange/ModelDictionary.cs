using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>What the dictionary adds to a document.</summary>
internal static class ModelDictionary
{
    /// <summary>The PS3.6 keyword, or null.</summary>
    public static string? Keyword(DicomTag tag)
        => DicomDictionary.TryGet(tag, out DicomDictionaryEntry? entry) && entry.Keyword.Length > 0 ? entry.Keyword : null;

    /// <summary>The VR of an element whose document names none: the dictionary's, else what its values look like.</summary>
    public static DicomVR VR(DicomTag tag, ReadOnlySpan<DocumentValue> values)
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
}
