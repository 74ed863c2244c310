using System.Text;
using ImagingIngestion.Dicom.Interchange;
using ImagingIngestion.Dicom.Tests.Json;
using ImagingIngestion.Dicom.Xml;

namespace ImagingIngestion.Dicom.Tests.Xml;

public sealed class XmlReaderTests
{
    [Theory]
    [InlineData(
        """<DicomAttribute tag="00280010" vr="US"><Value number="1">5</Value></DicomAttribute>""",
        """{"00280010":{"vr":"US","Value":[5]}}""")]
    [InlineData(
        """<DicomAttribute tag="00280010"><Value>5</Value><!-- six --><Value>6.0</Value></DicomAttribute>""",
        """{"00280010":{"vr":"US","Value":[5,6]}}""")]
    [InlineData(
        """<DicomAttribute tag="0020000d" vr="UI"><Other><Value>x</Value></Other><Value number="3">1.2</Value></DicomAttribute>""",
        """{"0020000D":{"vr":"UI","Value":[null,null,"1.2"]}}""")]
    [InlineData(
        """<DicomAttribute tag="00091001" vr="FD"><Value number="1">nan</Value><Value number="2">inf</Value><Value number="3">-INF</Value></DicomAttribute>""",
        """{"00091001":{"vr":"FD","Value":["NaN","Infinity","-Infinity"]}}""")]
    [InlineData(
        """<DicomAttribute tag="7FE00010" vr="OW"><BulkData uuid="83fb95b6-e556-01f1-80e8-c40329c06f8e"/></DicomAttribute>""",
        """{"7FE00010":{"vr":"OW","BulkDataURI":"urn:uuid:83fb95b6-e556-01f1-80e8-c40329c06f8e"}}""")]
    [InlineData(
        """<DicomAttribute tag="00100010" vr="PN"><PersonName number="1"><Ideographic><FamilyName>山田</FamilyName><Nickname/></Ideographic><Alphabetic/></PersonName></DicomAttribute>""",
        """{"00100010":{"vr":"PN","Value":[{"Ideographic":"山田"}]}}""")]
    [InlineData(
        """<DicomAttribute tag="00204000" vr="LT"><Value number="1">  a&#xD;&#xA;<![CDATA[<b>]]> </Value></DicomAttribute>""",
        """{"00204000":{"vr":"LT","Value":["  a\r\n<b>"]}}""")]
    [InlineData("", "{}")]
    public void Documents_are_understood(string document, string expected)
    {
        Assert.Equal(expected, Sample.Json(Sample.FromXml($"<NativeDicomModel>\n{document}\n</NativeDicomModel>")));
        Assert.Equal(expected, Sample.Json(Sample.FromXml($"<?xml version=\"1.0\"?><NativeDicomModel xmlns=\"{DicomXmlWriter.Namespace}\" "
            + $"xml:space=\"preserve\">{document}</NativeDicomModel>")));
    }

    [Fact]
    public void Private_elements_are_put_into_the_block_of_their_creator()
    {
        const string Body = """
            <DicomAttribute tag="00090002" vr="LO" privateCreator="OTHER"><Value number="1">b</Value></DicomAttribute>
            <DicomAttribute tag="00090002" vr="LO" privateCreator="ACME"><Value number="1">a</Value></DicomAttribute>
            <DicomAttribute tag="00090011" vr="LO"><Value number="1">ACME</Value></DicomAttribute>
            <DicomAttribute tag="00090012" vr="LO" privateCreator="ACME"><Value number="1">c</Value></DicomAttribute>
            """;

        Assert.Equal(
            """{"00090010":{"vr":"LO","Value":["OTHER"]},"00090011":{"vr":"LO","Value":["ACME"]},"00091002":{"vr":"LO","Value":["b"]},"00091102":{"vr":"LO","Value":["a"]},"00091112":{"vr":"LO","Value":["c"]}}""",
            Sample.Json(Sample.FromXml($"<NativeDicomModel>{Body}</NativeDicomModel>")));
    }

    [Fact]
    public void A_new_block_avoids_elements_without_a_private_creator()
        => Assert.Equal(
            """{"00090011":{"vr":"LO","Value":["ACME"]},"00091001":{"vr":"LO"},"00091101":{"vr":"LO"}}""",
            Sample.Json(Sample.FromXml("<NativeDicomModel><DicomAttribute tag='00091001' vr='LO'/><DicomAttribute tag='00090001' vr='LO' "
                + "privateCreator='ACME'/></NativeDicomModel>")));

    [Fact]
    public void A_group_holds_240_creators()
    {
        string Body(int count) => string.Concat(
            Enumerable.Range(0, count).Select(number => $"<DicomAttribute tag='00090001' vr='LO' privateCreator='C{number}'/>"));

        Assert.Equal(480, Sample.FromXml($"<NativeDicomModel>{Body(240)}</NativeDicomModel>").Elements.Count);
        Assert.Throws<DicomXmlException>(() => Sample.FromXml($"<NativeDicomModel>{Body(241)}</NativeDicomModel>"));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("<Other/>", "")]
    [InlineData("<NativeDicomModel>", "")]
    [InlineData("<!DOCTYPE x [<!ENTITY a 'b'>]><NativeDicomModel/>", "")]
    [InlineData("<NativeDicomModel><DicomAttribute vr='LO'/></NativeDicomModel>", "")]
    [InlineData(
        "<NativeDicomModel><DicomAttribute tag='00100020' vr='LO'><Value><b/></Value></DicomAttribute></NativeDicomModel>", "00100020")]
    [InlineData(
        "<NativeDicomModel><DicomAttribute tag='00280010' vr='US'><Value>-1</Value></DicomAttribute></NativeDicomModel>", "00280010")]
    [InlineData(
        "<NativeDicomModel><DicomAttribute tag='7FE00010' vr='OB'><InlineBinary>*</InlineBinary></DicomAttribute></NativeDicomModel>",
        "7FE00010")]
    [InlineData("<NativeDicomModel><DicomAttribute tag='7FE00010' vr='OB'><BulkData/></DicomAttribute></NativeDicomModel>", "7FE00010")]
    [InlineData("<NativeDicomModel><DicomAttribute tag='00081140' vr='SQ'><Item/><Item><DicomAttribute tag='00280010' "
        + "vr='US'><Value>x</Value></DicomAttribute></Item></DicomAttribute></NativeDicomModel>", "00081140/1/00280010")]
    public void Errors_name_their_place(string document, string path)
    {
        DicomXmlException fault = Assert.Throws<DicomXmlException>(() => Sample.FromXml(document));

        Assert.Equal(path, fault.TagPath);
    }

    [Fact]
    public void Limits_hold()
    {
        byte[] nested = DicomXmlWriter.ToUtf8(Sample.Nested(3));

        Assert.NotNull(DicomXmlReader.Read(nested, new DicomModelReaderOptions { MaxDepth = 3 }));
        Assert.Throws<DicomXmlException>(() => DicomXmlReader.Read(nested, new DicomModelReaderOptions { MaxDepth = 2 }));
        Assert.Throws<DicomXmlException>(() => DicomXmlReader.Read(nested, new DicomModelReaderOptions { MaxElements = 6 }));
        Assert.Throws<DicomXmlException>(() => DicomXmlReader.Read(nested, new DicomModelReaderOptions { MaxXmlCharacters = 100 }));
        Assert.Throws<DicomXmlException>(() => Sample.FromXml("<NativeDicomModel><DicomAttribute tag='00101000' vr='LO'><Value "
            + "number='2000000000'>a</Value></DicomAttribute></NativeDicomModel>"));
        Assert.Throws<DicomXmlException>(
            () => DicomXmlReader.Read(Encoding.UTF8.GetBytes("<NativeDicomModel>" + string.Concat(Enumerable.Repeat("<a>", 100_000)))));
    }
}
