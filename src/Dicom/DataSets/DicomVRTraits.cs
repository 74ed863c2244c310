namespace ImagingIngestion.Dicom.DataSets;

/// <summary>
/// What the codec must know of one VR; each VR is a row of <see cref="DicomVRTable"/> (PS3.5 table 6.2-1 and section 7.1.2).
/// </summary>
/// <param name="VR">The VR itself.</param>
/// <param name="Kind">How the value field is to be read.</param>
/// <param name="UnitSize">Bytes that swap together in big endian, also the size of one value; 1 for text and bytes.</param>
/// <param name="HasLongLength">Explicit encoding has two reserved bytes and a 32-bit length.</param>
/// <param name="UsesCharacterSet">Text in Specific Character Set (0008,0005) rather than in the default repertoire.</param>
/// <param name="IsMultiValued">Text whose values are separated by a backslash.</param>
/// <param name="Padding">Byte that makes the value field even.</param>
public readonly record struct DicomVRTraits(
    DicomVR VR,
    DicomValueKind Kind,
    int UnitSize,
    bool HasLongLength,
    bool UsesCharacterSet,
    bool IsMultiValued,
    byte Padding)
{
    /// <summary>DICOM JSON may carry the value as BulkDataURI (PS3.18 F.2.2).</summary>
    public bool AllowsBulkData { get; init; }
}

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
