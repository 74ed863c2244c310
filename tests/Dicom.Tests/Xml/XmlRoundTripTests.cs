using FsCheck;
using FsCheck.Fluent;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;
using ImagingIngestion.Dicom.Json;
using ImagingIngestion.Dicom.Tests.Json;
using ImagingIngestion.Dicom.Xml;

namespace ImagingIngestion.Dicom.Tests.Xml;

public sealed class XmlRoundTripTests
{
    // Data that XML cannot contain is left out: control characters, components that end in carets, two blocks of one creator.
    private static readonly Arbitrary<DicomDataset> Holdable = Arb.From(
        RandomDatasets.Datasets(2, "AZaz09.+-_\"'/<>&%\n\r\téüß山田太郎とИ한😀").Where(HasDistinctCreators));

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

    private static bool HasDistinctCreators(DicomDataset dataset)
    {
        bool isReserved = dataset.TryGet(
            new DicomTag(0x0009, 0x0010), out DicomElement? first) & dataset.TryGet(new DicomTag(0x0009, 0x0011), out DicomElement? second);
        return (!isReserved || Creator(first!, dataset) != Creator(second!, dataset))
            && dataset.Elements.All(element => element.Items?.All(HasDistinctCreators) != false);
    }

    private static string Creator(DicomElement element, DicomDataset owner)
        => PrivateBlocks.CreatorOf(element.VR, element.Items is null ? ElementText.Utf8(element, owner).Span : default);
}
