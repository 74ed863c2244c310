namespace ImagingIngestion.Load.Generator;

/// <summary>A Part 10 file up to its pixel bytes, with the places of the values that differ between instances.</summary>
public sealed record InstanceTemplate
{
    /// <summary>Preamble, prefix and the group length element.</summary>
    private const int MetaOffset = 128 + 4 + 12;

    /// <summary>Preamble, file meta information and data set, up to and with the header of the pixel data element.</summary>
    public required byte[] Head { get; init; }

    /// <summary>The start of the data set in <see cref="Head"/>: after the preamble and a group 0002 that begins with its length.</summary>
    public int DataSetOffset => MetaOffset + BitConverter.ToInt32(Head, MetaOffset - sizeof(int));

    /// <summary>Bytes of pixel data that follow; 0 without a pixel data element.</summary>
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

/// <summary>The place of a value in a template, to overwrite it.</summary>
public readonly record struct PatchSlot(int Offset, int Length)
{
    /// <summary>The template has no such element.</summary>
    public bool IsAbsent => Length == 0;
}

/// <summary>The smallest file that fills an index realistically: the searchable attributes, and no pixel data.</summary>
public static class TinyTemplate
{
    private const string SecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";

    public static InstanceTemplate Create()
    {
        ElementWriter file = new();
        PatchSlot media = FileMetaBytes.Write(file, SecondaryCapture);
        int meta = file.Count;
        file.Text(0x0008_0016, "UI", SecondaryCapture);
        PatchSlot sop = file.Text(0x0008_0018, "UI", BenchUid.Format(BenchUid.Instance, 0, 0));
        PatchSlot date = file.Text(0x0008_0020, "DA", "20150101");
        file.Text(0x0008_0030, "TM", "101112");
        file.Text(0x0008_0050, "SH", "A0000001");
        PatchSlot modality = file.Text(0x0008_0060, "CS", "CT");
        file.Text(0x0008_0090, "PN", "REFERRER^ONE");
        file.Text(0x0008_1030, "LO", "Generated study");
        PatchSlot name = file.Text(0x0010_0010, "PN", StudyFacts.Name(0));
        PatchSlot patient = file.Text(0x0010_0020, "LO", StudyFacts.PatientId(0));
        file.Text(0x0010_0030, "DA", "19700101");
        file.Text(0x0010_0040, "CS", "O");
        PatchSlot study = file.Text(0x0020_000D, "UI", BenchUid.Format(BenchUid.Study, 0, 0));
        PatchSlot series = file.Text(0x0020_000E, "UI", BenchUid.Format(BenchUid.Series, 0, 0));
        file.Text(0x0020_0010, "SH", "1");
        file.Text(0x0020_0011, "IS", "1");
        PatchSlot number = file.Text(0x0020_0013, "IS", "000001");
        return new InstanceTemplate
        {
            Head = file.ToArray(),
            PixelLength = 0,
            ElementCount = file.Count - meta,
            MediaStorageSopInstanceUid = media,
            SopInstanceUid = sop,
            StudyInstanceUid = study,
            SeriesInstanceUid = series,
            InstanceNumber = number,
            PatientName = name,
            PatientId = patient,
            StudyDate = date,
            Modality = modality,
        };
    }
}
