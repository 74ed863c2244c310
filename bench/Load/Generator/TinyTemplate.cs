namespace ImagingIngestion.Load.Generator;

/// <summary>The smallest file that fills an index honestly: the attributes that are searched by, and no pixel data.</summary>
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
