using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Tests.Json;

/// <summary>One small data set from independent writers: DCMTK's dcm2json and dcm2xml (native format) and pydicom's to_json_dict.</summary>
public sealed class PeerDocumentTests
{
    private const string ByDcmtk = """
        {
          "00080005": { "vr": "CS", "Value": [ "ISO_IR 192" ] },
          "00081140": { "vr": "SQ", "Value": [ { "00081150": { "vr": "UI", "Value": [ "1.2.3" ] } }, {} ] },
          "00081199": { "vr": "SQ" },
          "00090010": { "vr": "LO", "Value": [ "ACME 1" ] },
          "00091002": { "vr": "LO", "Value": [ "hello" ] },
          "00091003": { "vr": "OB", "InlineBinary": "AQIDBA==" },
          "00091105": { "vr": "LO", "Value": [ "no creator" ] },
          "00100010": { "vr": "PN", "Value": [ { "Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎" } ] },
          "00100020": { "vr": "LO" },
          "00101000": { "vr": "LO", "Value": [ "a", null, "b" ] },
          "00180050": { "vr": "DS", "Value": [ 1.50 ] },
          "00204000": { "vr": "LT", "Value": [ "a\\b\r\nc" ] },
          "00280009": { "vr": "AT", "Value": [ "00181063" ] },
          "00280010": { "vr": "US", "Value": [ 5 ] },
          "7FE00010": { "vr": "OW", "InlineBinary": "AQIDBA==" }
        }
        """;

    private const string ByPydicom = """
        {"00080005": {"vr": "CS", "Value": ["ISO_IR 192"]}, "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"}]},
         "00100020": {"vr": "LO"}, "00280010": {"vr": "US", "Value": [5]}, "00180050": {"vr": "DS", "Value": [1.5]}, "00101000": {"vr": "LO", "Value": ["a", "", "b"]},
         "00204000": {"vr": "LT", "Value": ["a\\b\r\nc"]}, "00081140": {"vr": "SQ", "Value": [{"00081150": {"vr": "UI", "Value": ["1.2.3"]}}, {}]},
         "00081199": {"vr": "SQ", "Value": []}, "00280009": {"vr": "AT", "Value": ["00181063"]}, "00090010": {"vr": "LO", "Value": ["ACME 1"]},
         "00091002": {"vr": "LO", "Value": ["hello"]}, "00091003": {"vr": "OB", "InlineBinary": "AQIDBA=="}, "00091105": {"vr": "LO", "Value": ["no creator"]},
         "7FE00010": {"vr": "OW", "InlineBinary": "AQIDBA=="}}
        """;

    private const string ByDcmtkXml = """
        <?xml version="1.0" encoding="UTF-8"?>
        <NativeDicomModel xml:space="preserve">
        <DicomAttribute tag="00080005" vr="CS" keyword="SpecificCharacterSet">
        <Value number="1">ISO_IR 192</Value>
        </DicomAttribute>
        <DicomAttribute tag="00081140" vr="SQ" keyword="ReferencedImageSequence">
        <Item number="1">
        <DicomAttribute tag="00081150" vr="UI" keyword="ReferencedSOPClassUID">
        <Value number="1">1.2.3</Value>
        </DicomAttribute>
        </Item>
        <Item number="2">
        </Item>
        </DicomAttribute>
        <DicomAttribute tag="00081199" vr="SQ" keyword="ReferencedSOPSequence">
        </DicomAttribute>
        <DicomAttribute tag="00090010" vr="LO">
        <Value number="1">ACME 1</Value>
        </DicomAttribute>
        <DicomAttribute tag="00090002" vr="LO" privateCreator="ACME 1">
        <Value number="1">hello</Value>
        </DicomAttribute>
        <DicomAttribute tag="00100010" vr="PN" keyword="PatientName">
        <PersonName number="1">
        <Alphabetic>
        <FamilyName>Yamada</FamilyName>
        <GivenName>Tarou</GivenName>
        </Alphabetic>
        <Ideographic>
        <FamilyName>山田</FamilyName>
        <GivenName>太郎</GivenName>
        </Ideographic>
        </PersonName>
        </DicomAttribute>
        <DicomAttribute tag="00100020" vr="LO" keyword="PatientID">
        </DicomAttribute>
        <DicomAttribute tag="00101000" vr="LO">
        <Value number="1">a</Value>
        <Value number="2"></Value>
        <Value number="3">b</Value>
        </DicomAttribute>
        <DicomAttribute tag="00180050" vr="DS" keyword="SliceThickness">
        <Value number="1">1.50</Value>
        </DicomAttribute>
        <DicomAttribute tag="00204000" vr="LT" keyword="ImageComments">
        <Value number="1">a\b&#13;&#10;c</Value>
        </DicomAttribute>
        <DicomAttribute tag="00280009" vr="AT" keyword="FrameIncrementPointer">
        <Value number="1">00181063</Value>
        </DicomAttribute>
        <DicomAttribute tag="00280010" vr="US" keyword="Rows">
        <Value number="1">5</Value>
        </DicomAttribute>
        </NativeDicomModel>
        """;

    private static readonly DicomElement[] Common =
    [
        Sample.Text(0x00080005, DicomVR.CS, "ISO_IR 192"),
        Sample.Sequence(0x00081140, Sample.Dataset(Sample.Text(0x00081150, DicomVR.UI, "1.2.3")), Sample.Dataset()),
        Sample.Sequence(0x00081199),
        Sample.Text(0x00090010, DicomVR.LO, "ACME 1"),
        Sample.Text(0x00091002, DicomVR.LO, "hello"),
        Sample.Text(0x00100010, DicomVR.PN, "Yamada^Tarou=山田^太郎="),
        Sample.Text(0x00100020, DicomVR.LO, ""),
        Sample.Text(0x00101000, DicomVR.LO, @"a\\b"),
        Sample.Text(0x00180050, DicomVR.DS, "1.50"),
        Sample.Text(0x00204000, DicomVR.LT, "a\\b\r\nc"),
        Sample.Raw(0x00280009, DicomVR.AT, 0x18, 0, 0x63, 0x10),
        Sample.UnsignedShort(0x00280010, 5),
    ];

    private static readonly DicomElement[] InlineOnly =
    [
        Sample.Raw(0x00091003, DicomVR.OB, 1, 2, 3, 4),
        Sample.Text(0x00091105, DicomVR.LO, "no creator"),
        Sample.Raw(0x7FE00010, DicomVR.OW, 1, 2, 3, 4),
    ];

    [Fact]
    public void The_data_set_is_what_dcmtk_says_in_json()
        => Assert.Equal(Sample.Json([.. Common, .. InlineOnly]), Sample.Json(Sample.FromJson(ByDcmtk)));

    [Fact]
    public void The_data_set_is_what_pydicom_says_but_for_the_digits_of_its_decimal_string()
        => Assert.Equal(
            Sample.Json([.. Common, .. InlineOnly]).Replace("1.50", "1.5", StringComparison.Ordinal),
            Sample.Json(Sample.FromJson(ByPydicom)));

    [Fact]
    public void The_data_set_is_what_dcmtk_says_in_xml()
        => Assert.Equal(Sample.Json(Common), Sample.Json(Sample.FromXml(ByDcmtkXml)));
}
