namespace ImagingIngestion.Dicom.DataSets;

/// <summary>How the value field of a VR is to be read.</summary>
public enum DicomValueKind
{
    /// <summary>Characters.</summary>
    Text,

    /// <summary>Fixed-size numbers or tags, one after the other.</summary>
    Numbers,

    /// <summary>Bytes, words or floats that are not single values: OB, OW, OF, OD, OL, OV, UN.</summary>
    Bytes,

    /// <summary>Items (SQ).</summary>
    Sequence,
}
