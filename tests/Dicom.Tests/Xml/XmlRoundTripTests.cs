using FsCheck;
using FsCheck.Fluent;

namespace ImagingIngestion.Dicom.Tests;

public sealed class XmlRoundTripTests
{
    // What XML cannot hold is left out here: control characters, and components that end in spaces or carets.
    private static readonly Arbitrary<DicomDataset> Holdable = Arb.From(RandomDatasets.Datasets(2, "AZaz09.+-_\"'/<>&%\n\r\téüß山田太郎とИ한😀"));

    [Fact]
    public void Xml_read_and_written_again_is_the_same_bytes()
        => Prop.ForAll(RandomDatasets.Any, dataset =>
        {
            byte[] first = DicomXmlWriter.ToUtf8(DicomXmlReader.Read(DicomXmlWriter.ToUtf8(dataset)));
            byte[] second = DicomXmlWriter.ToUtf8(DicomXmlReader.Read(first));
            return first.AsSpan().SequenceEqual(second);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Xml_loses_nothing_that_json_keeps()
        => Prop.ForAll(Holdable, dataset =>
        {
            byte[] direct = DicomJsonWriter.ToUtf8(dataset);
            byte[] byXml = DicomJsonWriter.ToUtf8(DicomXmlReader.Read(DicomXmlWriter.ToUtf8(dataset)));
            return direct.AsSpan().SequenceEqual(byXml);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Deep_sequences_survive_the_round_trip()
    {
        byte[] xml = DicomXmlWriter.ToUtf8(Sample.Nested(200));

        Assert.Equal(xml, DicomXmlWriter.ToUtf8(DicomXmlReader.Read(xml)));
    }
}
