using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.DataSets;

/// <summary>One data element (PS3.5 section 7.1).</summary>
/// <remarks>
/// Exactly one property holds its content: <see cref="Value"/>, <see cref="Items"/> (SQ) or <see cref="Bulk"/> (the value stayed where it
/// was read from).
/// </remarks>
public sealed class DicomElement
{
    public DicomElement(DicomTag tag, DicomVR vr, ReadOnlyMemory<byte> value)
    {
        Tag = tag;
        VR = vr;
        Value = value;
    }

    public DicomElement(DicomTag tag, IReadOnlyList<DicomDataset> items)
    {
        Tag = tag;
        VR = DicomVR.SQ;
        Items = items;
    }

    public DicomElement(DicomTag tag, DicomVR vr, BulkValue bulk)
    {
        Tag = tag;
        VR = vr;
        Bulk = bulk;
    }

    public DicomTag Tag { get; }

    public DicomVR VR { get; }

    /// <summary>The value field as encoded, padding included, numbers in little endian whatever the transfer syntax was.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>The items of a sequence, else null.</summary>
    public IReadOnlyList<DicomDataset>? Items { get; }

    /// <summary>The place of a value that was not kept in memory, else null.</summary>
    public BulkValue? Bulk { get; }

    /// <summary>True when the value field has length zero or the sequence has no items.</summary>
    public bool IsEmpty => Items is null ? Bulk is null && Value.IsEmpty : Items.Count == 0;

    public override string ToString() => $"{Tag} {VR.Code()}";
}

/// <summary>A value that was left where it is: a range of the data set bytes, or a URI.</summary>
public sealed record BulkValue
{
    /// <summary>
    /// Offset of the value field in bytes from the first byte of the data set, after inflation if the syntax is deflated.
    /// </summary>
    public long Offset { get; init; }

    /// <summary>
    /// Length of the value field in bytes; for encapsulated pixel data from the offset table item to the end of the sequence delimiter.
    /// </summary>
    public long Length { get; init; }

    /// <summary>The value is a sequence of fragments (PS3.5 section A.4) rather than the plain value.</summary>
    public bool IsEncapsulated { get; init; }

    /// <summary>Encapsulated pixel data that ends without its sequence delimiter.</summary>
    public bool LacksDelimiter { get; init; }

    /// <summary>The BulkDataURI that DICOM JSON or XML gave instead of a range.</summary>
    public string? Uri { get; init; }
}
