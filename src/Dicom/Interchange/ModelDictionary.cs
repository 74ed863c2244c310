namespace ImagingIngestion.Dicom;

/// <summary>What the dictionary adds to a document.</summary>
internal static class ModelDictionary
{
    /// <summary>The PS3.6 keyword, or null.</summary>
    public static string? Keyword(DicomTag tag) => null;

    /// <summary>The VR of an element whose document names none: the dictionary's, else what its values look like.</summary>
    public static DicomVR VR(DicomTag tag, ReadOnlySpan<DocumentValue> values)
    {
        if (tag.IsPrivateCreator)
        {
            return DicomVR.LO;
        }

        return !values.IsEmpty && values[0].Kind == DocumentValueKind.Item ? DicomVR.SQ : DicomVR.UN;
    }
}
