using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Tests.Json;
using ImagingIngestion.Dicom.Xml;

namespace ImagingIngestion.Dicom.Tests.Xml;

public sealed class XmlWriterTests
{
    [Fact]
    public void The_root_preserves_space_and_names_the_schema()
        => Assert.Equal(
            """<?xml version="1.0" encoding="utf-8"?><NativeDicomModel xml:space="preserve" xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM" />""",
            Encoding.UTF8.GetString(DicomXmlWriter.ToUtf8(Sample.Dataset(Sample.Raw(0x00080000, DicomVR.UL, 1, 0, 0, 0)))));

    [Fact]
    public void Values_are_numbered_and_empty_ones_keep_their_place()
        => Assert.Equal(
            """<DicomAttribute tag="00101000" vr="LO" keyword="RETIRED_OtherPatientIDs"><Value number="1">a</Value><Value number="2" /><Value number="3">b</Value></DicomAttribute><DicomAttribute tag="00280010" vr="US" keyword="Rows"><Value number="1">5</Value></DicomAttribute>"""
                .Replace("RETIRED_", "", StringComparison.Ordinal),
            Sample.XmlBody(Sample.Text(0x00101000, DicomVR.LO, @"a\\b"), Sample.UnsignedShort(0x00280010, 5)));

    [Fact]
    public void Elements_without_a_value_are_empty()
        => Assert.Equal(
            """<DicomAttribute tag="00081140" vr="SQ" keyword="ReferencedImageSequence" /><DicomAttribute tag="00100020" vr="LO" keyword="PatientID" />""",
            Sample.XmlBody(Sample.Sequence(0x00081140), Sample.Text(0x00100020, DicomVR.LO, "")));

    [Fact]
    public void Items_are_numbered_from_one()
        => Assert.Equal(
            """<DicomAttribute tag="00081140" vr="SQ" keyword="ReferencedImageSequence"><Item number="1"><DicomAttribute tag="00081150" vr="UI" keyword="ReferencedSOPClassUID"><Value number="1">1.2.3</Value></DicomAttribute></Item><Item number="2" /></DicomAttribute>""",
            Sample.XmlBody(Sample.Sequence(0x00081140, Sample.Dataset(Sample.Text(0x00081150, DicomVR.UI, "1.2.3")), Sample.Dataset())));

    [Fact]
    public void Names_are_taken_apart()
        => Assert.Equal(
            """<DicomAttribute tag="00100010" vr="PN" keyword="PatientName"><PersonName number="1"><Alphabetic><FamilyName>Yamada</FamilyName><MiddleName>T</MiddleName></Alphabetic><Ideographic><FamilyName>山田</FamilyName><GivenName>太郎</GivenName></Ideographic></PersonName><PersonName number="2" /><PersonName number="3"><Phonetic><NameSuffix>e^f</NameSuffix></Phonetic></PersonName></DicomAttribute>""",
            Sample.XmlBody(Sample.Text(0x00100010, DicomVR.PN, @"Yamada^^T^^=山田^太郎\\==^^^^e^f")));

    [Fact]
    public void Private_elements_name_their_creator_instead_of_their_block()
        => Assert.Equal(
            """<DicomAttribute tag="00090010" vr="LO"><Value number="1">ACME 1</Value></DicomAttribute><DicomAttribute tag="00090002" vr="LO" privateCreator="ACME 1"><Value number="1">hello</Value></DicomAttribute><DicomAttribute tag="00091105" vr="LO"><Value number="1">nobody's</Value></DicomAttribute>""",
            Sample.XmlBody(
                Sample.Text(0x00090010, DicomVR.LO, "ACME 1"),
                Sample.Text(0x00091002, DicomVR.LO, "hello"),
                Sample.Text(0x00091105, DicomVR.LO, "nobody's")));

    [Fact]
    public void Bytes_are_base64_and_bulk_values_are_references()
        => Assert.Equal(
            """<DicomAttribute tag="00091003" vr="OB"><InlineBinary>AQIDBA==</InlineBinary></DicomAttribute><DicomAttribute tag="7FE00010" vr="OW" keyword="PixelData"><BulkData uri="7FE00010" /></DicomAttribute>""",
            Sample.XmlBody(
                Sample.Raw(0x00091003, DicomVR.OB, 1, 2, 3, 4),
                new DicomElement(DicomTag.FromValue(0x7FE00010), DicomVR.OW, new BulkValue { Length = 5000 })));

    [Fact]
    public void Special_numbers_are_those_of_xml_schema()
        => Assert.Equal(
            """<DicomAttribute tag="00091001" vr="FD"><Value number="1">NaN</Value><Value number="2">INF</Value><Value number="3">-INF</Value><Value number="4">0.1</Value></DicomAttribute>""",
            Sample.XmlBody(Sample.Doubles(0x00091001, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.1)));

    [Fact]
    public void Characters_that_xml_forbids_are_replaced_and_line_ends_kept()
        => Assert.Equal(
            "<DicomAttribute tag=\"00204000\" vr=\"LT\" keyword=\"ImageComments\"><Value number=\"1\"> a\uFFFDb&#xD;\nc "
                + "&lt;&amp;</Value></DicomAttribute>",
            Sample.XmlBody(Sample.Text(0x00204000, DicomVR.LT, " a\u0001b\r\nc <&")));
}
