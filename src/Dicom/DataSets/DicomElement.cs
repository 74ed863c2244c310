using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.DataSets;

/// <summary>
/// One data element (PS3.5 section 7.1). Exactly one of three carries its content: <see cref="Value"/>, <see cref="Items"/> (SQ) or
/// <see cref="Bulk"/> (the value stayed where it was read from).
/// </summary>
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

    /// <summary>Where a value that was not kept in memory is, else null.</summary>
    public BulkValue? Bulk { get; }

    /// <summary>True when the value field has length zero or the sequence has no items.</summary>
    public bool IsEmpty => Items is null ? Bulk is null && Value.IsEmpty : Items.Count == 0;

    public override string ToString() => $"{Tag} {VR.Code()}";
}
