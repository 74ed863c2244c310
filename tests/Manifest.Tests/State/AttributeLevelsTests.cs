using System.Text;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Tests.Study;

namespace ImagingIngestion.Manifest.Tests.State;

public sealed class AttributeLevelsTests
{
    public static TheoryData<uint, AttributeLevel> Returned
    {
        get
        {
            TheoryData<uint, AttributeLevel> rows = [];
            (AttributeLevel Level, uint[] Tags)[] levels =
            [
                (AttributeLevel.Study, [
                    0x00080020, 0x00080030, 0x00080050, 0x00080090, 0x00080201, 0x00100010, 0x00100020, 0x00100030, 0x00100040, 0x0020000D,
                    0x00200010
                ]),
                (AttributeLevel.Series, [0x00080060, 0x0008103E, 0x0020000E, 0x00200011, 0x00400244, 0x00400245, 0x00400275]),
                (AttributeLevel.Instance, [0x00080016, 0x00080018, 0x00200013, 0x00280008, 0x00280010, 0x00280011, 0x00280100]),
            ];
            foreach ((AttributeLevel level, uint[] tags) in levels)
            {
                foreach (uint tag in tags)
                {
                    rows.Add(tag, level);
                }
            }

            return rows;
        }
    }

    /// <summary>PS3.18 tables 10.6.3-3 to 10.6.3-5, without counted and composed attributes.</summary>
    [Theory]
    [MemberData(nameof(Returned))]
    public void What_searches_return_is_kept_at_its_level(uint tag, AttributeLevel due)
    {
        Assert.True(AttributeLevels.TryGetLevel(DicomTag.FromValue(tag), out AttributeLevel level));
        Assert.Equal(due, level);
    }

    [Fact]
    public void What_searches_match_is_kept_at_its_level()
        => Assert.All(SearchAttributes.All.Where(attribute => attribute.Path[0] != DicomTag.ModalitiesInStudy), attribute =>
        {
            Assert.True(AttributeLevels.TryGetLevel(attribute.Path[0], out AttributeLevel level), attribute.Path[0].ToString());
            Assert.Equal(attribute.Level.ToString(), level.ToString());
        });

    [Fact]
    public void A_data_set_is_split_by_level_and_the_rest_left_out()
    {
        SplitAttributes split = AttributeLevels.Split(Samples.Dataset(
            (DicomTag.PatientID, "P"), (DicomTag.Modality, "CT"), (DicomTag.InstanceNumber, "1"), (DicomTag.KVP, "120")));

        Assert.Equal([DicomTag.PatientID], split.Study.Elements.Select(element => element.Tag));
        Assert.Equal([DicomTag.Modality], split.Series.Elements.Select(element => element.Tag));
        Assert.Equal([DicomTag.InstanceNumber], split.Instance.Elements.Select(element => element.Tag));
    }

    [Fact]
    public void Text_becomes_UTF8_in_items_too()
    {
        DicomDataset dataset = new();
        dataset.TryAdd(new DicomElement(DicomTag.SpecificCharacterSet, DicomVR.CS, "ISO_IR 100"u8.ToArray()));
        dataset.TryAdd(new DicomElement(DicomTag.PatientName, DicomVR.PN, Encoding.Latin1.GetBytes("Müller^Jörg ")));
        DicomDataset item = new(dataset);
        item.TryAdd(new DicomElement(DicomTag.RequestedProcedureDescription, DicomVR.LO, Encoding.Latin1.GetBytes("Schädel ")));
        dataset.TryAdd(new DicomElement(DicomTag.RequestAttributesSequence, [item]));

        SplitAttributes split = AttributeLevels.Split(dataset);

        Assert.Equal("Müller^Jörg", Samples.Text(split.Study, DicomTag.PatientName));
        Assert.Same(SpecificCharacterSet.Utf8, split.Study.CharacterSet);
        Assert.True(split.Series.TryGet(DicomTag.RequestAttributesSequence, out DicomElement? sequence));
        Assert.Equal("Schädel", Samples.Text(sequence.Items![0], DicomTag.RequestedProcedureDescription));
        Assert.Same(SpecificCharacterSet.Utf8, sequence.Items[0].CharacterSet);
    }

    [Fact]
    public void Padding_gets_its_normal_form()
    {
        DicomDataset dataset = new();
        dataset.TryAdd(new DicomElement(DicomTag.StudyInstanceUID, DicomVR.UI, "1.2.3   "u8.ToArray()));
        dataset.TryAdd(new DicomElement(DicomTag.PatientID, DicomVR.LO, "AB\0\0"u8.ToArray()));
        dataset.TryAdd(new DicomElement(DicomTag.StudyID, DicomVR.SH, "    "u8.ToArray()));

        SplitAttributes split = AttributeLevels.Split(dataset);

        Assert.Equal(["4142", "312E322E3300", ""], split.Study.Elements.Select(element => Convert.ToHexString(element.Value.Span)));
    }

    [Fact]
    public void A_value_that_is_too_long_or_not_in_memory_is_left_to_the_metadata()
    {
        DicomDataset dataset = new();
        dataset.TryAdd(new DicomElement(
            DicomTag.PatientComments, DicomVR.LT, new byte[AttributeLevels.MaxValueLength + 2].Select(_ => (byte)'x').ToArray()));
        dataset.TryAdd(new DicomElement(DicomTag.ImageComments, DicomVR.LT, new BulkValue { Offset = 1, Length = 2 }));

        SplitAttributes split = AttributeLevels.Split(dataset);

        Assert.Empty(split.Study.Elements);
        Assert.Empty(split.Instance.Elements);
    }
}
