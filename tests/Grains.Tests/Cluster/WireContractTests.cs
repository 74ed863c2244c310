using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Tests.Cluster;

/// <summary>The bytes between gateways and silos of different releases: once released, a snapshot never changes.</summary>
public sealed class WireContractTests
{
    public static TheoryData<string> Calls => [.. WireSamples.Calls.Keys];

    public static TheoryData<string> Answers => [.. WireSamples.Answers.Keys];

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_has_the_bytes_that_are_pinned(string name)
    {
        byte[] pinned = WireSamples.Snapshot(name);

        Assert.Equal(Convert.ToHexStringLower(pinned), Convert.ToHexStringLower(GrainCallCodec.Encode(WireSamples.Calls[name]).Span));
        Assert.Equal(Convert.ToHexStringLower(pinned), Convert.ToHexStringLower(GrainCallCodec.Encode(GrainCallCodec.Decode(pinned)).Span));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_has_the_bytes_that_are_pinned(string name)
    {
        byte[] pinned = WireSamples.Snapshot(name);

        Assert.Equal(Convert.ToHexStringLower(pinned), Convert.ToHexStringLower(GrainAnswerCodec.Encode(WireSamples.Answers[name]).Span));
        Assert.Equal(WireSamples.Answers[name], GrainAnswerCodec.Decode(pinned));
    }

    [Fact]
    public void An_instance_arrives_as_the_grain_would_see_it_within_one_process()
    {
        InstanceArrival sent = WireSamples.Arrival();
        InstanceArrival got = Assert.IsType<StoreCall>(GrainCallCodec.Decode(GrainCallCodec.Encode(new StoreCall(sent)))).Arrival;

        Assert.Equal(sent.State, got.State);
        Assert.Equal(
            (sent.Study, sent.UploadBegan, sent.CallingAeTitle, sent.DamagedObject, sent.Comparison),
            (got.Study, got.UploadBegan, got.CallingAeTitle, got.DamagedObject, got.Comparison));
        Assert.Equal(sent.Content.Metadata.ToArray(), got.Content.Metadata.ToArray());
        Assert.Equal(sent.Content.Layout.ToArray(), got.Content.Layout.ToArray());
        AssertSame(sent.StudyAttributes, got.StudyAttributes);
        AssertSame(sent.SeriesAttributes, got.SeriesAttributes);
        AssertSame(sent.Content.Attributes, got.Content.Attributes);
        Assert.Equal("Müller^Ann", got.StudyAttributes.GetString(DicomTag.PatientName));
    }

    [Fact]
    public void Attributes_of_a_parsed_data_set_arrive_as_they_were_split()
    {
        DicomDataset parsed = new() { CharacterSet = SpecificCharacterSet.Parse("ISO_IR 100"u8) };
        parsed.Set(new DicomElement(DicomTag.PatientName, DicomVR.PN, new byte[] { (byte)'M', 0xFC, (byte)'l', (byte)'l' }));
        DicomDataset item = new(parsed);
        item.Set(new DicomElement(DicomTag.CodeMeaning, DicomVR.LO, new byte[] { 0xE4, (byte)' ' }));
        parsed.Set(new DicomElement(DicomTag.ProcedureCodeSequence, [item]));
        SplitAttributes split = AttributeLevels.Split(parsed);
        InstanceArrival sent = WireSamples.Arrival() with { StudyAttributes = split.Study };

        InstanceArrival got = Assert.IsType<StoreCall>(GrainCallCodec.Decode(GrainCallCodec.Encode(new StoreCall(sent)))).Arrival;

        AssertSame(split.Study, got.StudyAttributes);
        Assert.True(got.StudyAttributes.TryGet(DicomTag.ProcedureCodeSequence, out DicomElement? codes));
        Assert.Equal("ä", codes.Items![0].GetString(DicomTag.CodeMeaning));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Another_version_is_refused_with_the_one_that_is_understood(byte version)
    {
        byte[] call = WireSamples.Snapshot("delete-call");
        call[0] = version;
        byte[] answer = WireSamples.Snapshot("deleted-answer");
        answer[0] = version;

        Assert.Contains(
            "understands version 2",
            Assert.Throws<InvalidDataException>(() => GrainCallCodec.Decode(call)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            $"version {version}",
            Assert.Throws<InvalidDataException>(() => GrainAnswerCodec.Decode(answer)).Message,
            StringComparison.Ordinal);
    }

    private static void AssertSame(DicomDataset sent, DicomDataset got)
    {
        Assert.Same(sent.CharacterSet, got.CharacterSet);
        Assert.Equal(sent.Elements.Count, got.Elements.Count);
        foreach ((DicomElement left, DicomElement right) in sent.Elements.Zip(got.Elements))
        {
            Assert.Equal((left.Tag, left.VR, left.Items?.Count), (right.Tag, right.VR, right.Items?.Count));
            Assert.Equal(left.Value.ToArray(), right.Value.ToArray());
            foreach ((DicomDataset leftItem, DicomDataset rightItem) in (left.Items ?? []).Zip(right.Items ?? []))
            {
                Assert.NotNull(rightItem.Parent);
                AssertSame(leftItem, rightItem);
            }
        }
    }
}
