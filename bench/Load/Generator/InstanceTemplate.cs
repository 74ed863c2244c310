namespace ImagingIngestion.Load.Generator;

/// <summary>A Part 10 file up to its pixel bytes, with the places of what differs between instances.</summary>
public sealed record InstanceTemplate
{
    /// <summary>Preamble, prefix and the group length element.</summary>
    private const int MetaOffset = 128 + 4 + 12;

    /// <summary>Preamble, file meta information and data set, up to and with the header of the pixel data element.</summary>
    public required byte[] Head { get; init; }

    /// <summary>Where the data set begins in <see cref="Head"/>: after the preamble and a group 0002 that says its length first.</summary>
    public int DataSetOffset => MetaOffset + BitConverter.ToInt32(Head, MetaOffset - sizeof(int));

    /// <summary>Bytes of pixel data that follow; 0 where there is no pixel data element.</summary>
    public required long PixelLength { get; init; }

    /// <summary>Data elements of the data set.</summary>
    public required int ElementCount { get; init; }

    public required PatchSlot MediaStorageSopInstanceUid { get; init; }

    public required PatchSlot SopInstanceUid { get; init; }

    public required PatchSlot StudyInstanceUid { get; init; }

    public required PatchSlot SeriesInstanceUid { get; init; }

    public required PatchSlot InstanceNumber { get; init; }

    public PatchSlot PatientName { get; init; }

    public PatchSlot PatientId { get; init; }

    public PatchSlot StudyDate { get; init; }

    public PatchSlot Modality { get; init; }

    public long TotalLength => Head.Length + PixelLength;
}

/// <summary>Where a value stands in a template, so that it can be written over.</summary>
public readonly record struct PatchSlot(int Offset, int Length)
{
    /// <summary>The template has no such element.</summary>
    public bool IsAbsent => Length == 0;
}
