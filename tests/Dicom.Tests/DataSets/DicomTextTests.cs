using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Tests.DataSets;

public sealed class DicomTextTests
{
    [Fact]
    public void Text_is_read_in_the_character_set_of_its_data_set_and_of_its_parents()
    {
        var parent = new DicomDataset();
        parent.Set(new DicomElement(DicomTag.SpecificCharacterSet, DicomVR.CS, "ISO_IR 144"u8.ToArray()));
        var item = new DicomDataset(parent);
        item.Set(new DicomElement(DicomTag.PatientName, DicomVR.PN, new byte[] { 0xBB, 0x20 }));

        Assert.Equal("Л", item.GetString(DicomTag.PatientName));
    }

    [Theory]
    [InlineData(DicomVR.US, "0100FFFF", new[] { "1", "65535" })]
    [InlineData(DicomVR.SS, "0100FFFF", new[] { "1", "-1" })]
    [InlineData(DicomVR.UL, "FFFFFFFF", new[] { "4294967295" })]
    [InlineData(DicomVR.SL, "FEFFFFFF", new[] { "-2" })]
    [InlineData(DicomVR.SV, "FEFFFFFFFFFFFFFF", new[] { "-2" })]
    [InlineData(DicomVR.UV, "FFFFFFFFFFFFFFFF", new[] { "18446744073709551615" })]
    [InlineData(DicomVR.FL, "CDCCCC3D", new[] { "0.1" })]
    [InlineData(DicomVR.FD, "9A9999999999B93F000000000000F87F", new[] { "0.1", "NaN" })]
    [InlineData(DicomVR.AT, "E07F1000280010000000", new[] { "7FE00010", "00280010" })]
    [InlineData(DicomVR.US, "0100FF", new[] { "1" })]
    [InlineData(DicomVR.OB, "0100", new string[0])]
    [InlineData(DicomVR.LO, "", new string[0])]
    [InlineData(DicomVR.CS, "41205C42", new[] { "A", "B" })]
    public void Values_of_every_kind_have_their_text(DicomVR vr, string bytes, string[] values)
    {
        var dataset = new DicomDataset();
        dataset.Set(new DicomElement(DicomTag.PatientID, vr, Convert.FromHexString(bytes)));

        Assert.Equal(values, dataset.GetStrings(DicomTag.PatientID));
        Assert.Equal(values.FirstOrDefault(), dataset.GetString(DicomTag.PatientID));
    }

    [Fact]
    public void A_known_element_of_vr_un_is_read_as_what_it_is()
    {
        var dataset = new DicomDataset();
        dataset.Set(new DicomElement(DicomTag.Rows, DicomVR.UN, new byte[] { 2, 1 }));
        dataset.Set(new DicomElement(DicomTag.PatientID, DicomVR.UN, "A1"u8.ToArray()));
        dataset.Set(new DicomElement(new DicomTag(0x0009, 0x1001), DicomVR.UN, "A1"u8.ToArray()));

        Assert.Equal("258", dataset.GetString(DicomTag.Rows));
        Assert.Equal("A1", dataset.GetString(DicomTag.PatientID));
        Assert.Null(dataset.GetString(new DicomTag(0x0009, 0x1001)));
    }

    [Fact]
    public void Absent_blank_sequence_and_bulk_elements_have_no_string()
    {
        var dataset = new DicomDataset();
        dataset.Set(new DicomElement(DicomTag.PatientID, DicomVR.LO, "  "u8.ToArray()));
        dataset.Set(new DicomElement(DicomTag.RequestAttributesSequence, [new DicomDataset(dataset)]));
        dataset.Set(new DicomElement(DicomTag.TextValue, DicomVR.UT, new BulkValue { Length = 9 }));

        Assert.Null(dataset.GetString(DicomTag.StudyID));
        Assert.Null(dataset.GetString(DicomTag.PatientID));
        Assert.Null(dataset.GetString(DicomTag.RequestAttributesSequence));
        Assert.Null(dataset.GetString(DicomTag.TextValue));
        Assert.Empty(dataset.GetStrings(DicomTag.TextValue));
    }
}
