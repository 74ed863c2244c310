using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ImagingIngestion.TestData;

/// <summary>A small secondary capture image, any part of which a test may change.</summary>
public sealed record TestInstance
{
    public const string SecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";

    /// <param name="name">Determines study, series and SOP instance UID.</param>
    public TestInstance(string name)
    {
        StudyUid = TestUid.Create("study " + name);
        SeriesUid = TestUid.Create("series " + name);
        SopUid = TestUid.Create("instance " + name);
    }

    public string StudyUid { get; init; }

    public string SeriesUid { get; init; }

    public string SopUid { get; init; }

    public string SopClassUid { get; init; } = SecondaryCapture;

    public string TransferSyntaxUid { get; init; } = Syntax.ExplicitLittle;

    public string Modality { get; init; } = "OT";

    public string PatientName { get; init; } = "Test^Data";

    public string PatientId { get; init; } = "TD-1";

    public string StudyDate { get; init; } = "20240229";

    public ushort Rows { get; init; } = 4;

    public ushort Columns { get; init; } = 4;

    public ushort BitsAllocated { get; init; } = 8;

    /// <summary>Null leaves (0028,0008) out.</summary>
    public int? NumberOfFrames { get; init; }

    /// <summary>Null leaves pixel data out; for encapsulated syntaxes use <see cref="Change"/>.</summary>
    public byte[]? PixelData { get; init; }

    /// <summary>Changes the elements at the end.</summary>
    public Action<DataSetBuilder>? Change { get; init; }

    /// <summary>Makes a Part 10 file in Explicit VR Little Endian from 8-bit pixels in rows of up to 512.</summary>
    public static byte[] Build(string study, string series, string sop, byte[] pixelBytes)
        => new TestInstance(sop)
        {
            StudyUid = study,
            SeriesUid = series,
            SopUid = sop,
            Rows = (ushort)Math.Max(1, pixelBytes.Length >> 9),
            Columns = (ushort)Math.Min(512, pixelBytes.Length),
            PixelData = pixelBytes,
        }.ToPart10();

    public byte[] ToPart10() => Part10.File(TransferSyntaxUid, SopClassUid, SopUid, ToDataSet());

    /// <summary>Returns the data set alone, not deflated.</summary>
    public byte[] ToDataSet() => ToBuilder().Encode(Syntax.WireOf(TransferSyntaxUid));

    public DataSetBuilder ToBuilder()
    {
        DataSetBuilder builder = new DataSetBuilder()
            .Text(Tag.SopClassUid, "UI", SopClassUid)
            .Text(Tag.SopInstanceUid, "UI", SopUid)
            .Text(Tag.StudyDate, "DA", StudyDate)
            .Text(Tag.StudyTime, "TM", "134501.5")
            .Text(Tag.AccessionNumber, "SH", "A1")
            .Text(Tag.Modality, "CS", Modality)
            .Text(Tag.PatientName, "PN", PatientName)
            .Text(Tag.PatientId, "LO", PatientId)
            .Text(Tag.StudyInstanceUid, "UI", StudyUid)
            .Text(Tag.SeriesInstanceUid, "UI", SeriesUid)
            .Text(Tag.InstanceNumber, "IS", "1")
            .U16(Tag.SamplesPerPixel, 1)
            .Text(Tag.PhotometricInterpretation, "CS", "MONOCHROME2")
            .U16(Tag.Rows, Rows)
            .U16(Tag.Columns, Columns)
            .U16(Tag.BitsAllocated, BitsAllocated)
            .U16(Tag.BitsStored, BitsAllocated)
            .U16(Tag.HighBit, (ushort)(BitsAllocated - 1))
            .U16(Tag.PixelRepresentation, 0);
        if (NumberOfFrames is int frames)
        {
            builder.Text(Tag.NumberOfFrames, "IS", frames.ToString(CultureInfo.InvariantCulture));
        }

        if (PixelData is not null)
        {
            builder.Bytes(Tag.PixelData, BitsAllocated > 8 ? "OW" : "OB", PixelData.Length % 2 == 0 ? PixelData : [.. PixelData, 0]);
        }

        Change?.Invoke(builder);
        return builder;
    }

    /// <summary>Returns the file with the facts of this description.</summary>
    public TestFile ToFile(string name, Expectation expectation = Expectation.Store) => ToFile(name, expectation, ToPart10());

    public TestFile ToFile(string name, Expectation expectation, byte[] bytes) => new(name, expectation, bytes)
    {
        TransferSyntaxUid = TransferSyntaxUid,
        StudyUid = StudyUid,
        SeriesUid = SeriesUid,
        SopUid = SopUid,
    };
}

/// <summary>UIDs under 2.25 (PS3.5 section B.2) that depend only on a name.</summary>
public static class TestUid
{
    public static string Create(string name)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        return "2.25." + BinaryPrimitives.ReadUInt128BigEndian(hash).ToString(CultureInfo.InvariantCulture);
    }
}
