using FsCheck;
using FsCheck.Fluent;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Json;

namespace ImagingIngestion.Dicom.Tests.Json;

public sealed class JsonRoundTripTests
{
    [Fact]
    public void Json_read_and_written_again_is_the_same_bytes()
        => Prop.ForAll(RandomDatasets.Any, dataset =>
        {
            byte[] first = DicomJsonWriter.ToUtf8(dataset);
            byte[] second = DicomJsonWriter.ToUtf8(DicomJsonReader.Read(first));
            return first.AsSpan().SequenceEqual(second);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Text_that_was_read_from_json_is_utf8_in_every_item()
    {
        DicomDataset read = Sample.FromJson(
            """{"00080005":{"vr":"CS","Value":["ISO_IR 100"]},"00400275":{"vr":"SQ","Value":[{"00080005":{"vr":"CS","Value":["ISO_IR 87"]},"00400009":{"vr":"SH","Value":["é山"]}}]}}""");

        Assert.True(read.TryGet(DicomTag.FromValue(0x00400275), out DicomElement? sequence));
        DicomDataset item = Assert.Single(sequence.Items!);
        Assert.Same(SpecificCharacterSet.Utf8, read.CharacterSet);
        Assert.Same(SpecificCharacterSet.Utf8, item.CharacterSet);
        Assert.Same(read, item.Parent);
        Assert.Contains("\"é山\"", Sample.Json(read));
        Assert.Contains("ISO_IR 100", Sample.Json(read));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(256)]
    public void Deep_sequences_survive_the_round_trip(int depth)
    {
        byte[] json = DicomJsonWriter.ToUtf8(Sample.Nested(depth));

        Assert.Equal(json, DicomJsonWriter.ToUtf8(DicomJsonReader.Read(json)));
    }

    [Fact]
    public void Writing_needs_no_stack_for_depth()
    {
        byte[] json = DicomJsonWriter.ToUtf8(Sample.Nested(20_000));

        DicomJsonException fault = Assert.Throws<DicomJsonException>(() => DicomJsonReader.Read(json));
        Assert.StartsWith("0040A730/0/0040A730/0", fault.TagPath);
    }
}
