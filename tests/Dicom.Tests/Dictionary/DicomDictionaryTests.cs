using System.Globalization;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Tests.Dictionary;

public sealed class DicomDictionaryTests
{
    [Fact]
    public void An_element_has_all_facts_of_its_row()
    {
        Assert.True(DicomDictionary.TryGet(DicomTag.WindowCenterWidthExplanation, out DicomDictionaryEntry? entry));

        Assert.Equal(
            new DicomDictionaryEntry
            {
                Tag = new DicomTag(0x0028, 0x1055),
                Mask = uint.MaxValue,
                VR = DicomVR.LO,
                IsAmbiguous = false,
                VM = "1-n",
                Keyword = "WindowCenterWidthExplanation",
                Name = "Window Center & Width Explanation",
                IsRetired = false,
            },
            entry);
    }

    [Fact]
    public void Every_entry_is_found_by_its_tag_and_by_its_keyword()
    {
        DicomDictionaryEntry[] all = [.. DicomDictionary.All];

        Assert.True(all.Length > 5000);
        Assert.All(all, entry =>
        {
            Assert.True(DicomDictionary.TryGet(entry.Tag, out DicomDictionaryEntry? byTag));
            Assert.Same(entry, byTag);
            bool found = DicomDictionary.TryGetByKeyword(entry.Keyword, out DicomTag tag);
            Assert.Equal(entry.Keyword.Length > 0, found);
            Assert.Equal(found ? entry.Tag : default, tag);
        });
    }

    [Theory]
    [InlineData("60003000", "OverlayData")]
    [InlineData("601E3000", "OverlayData")]
    [InlineData("60220010", "OverlayRows")]
    [InlineData("50FE0005", "CurveDimensions")]
    [InlineData("00203100", "SourceImageIDs")]
    [InlineData("002031FF", "SourceImageIDs")]
    [InlineData("00280400", "TransformLabel")]
    [InlineData("00280410", "RowsForNthOrderCoefficients")]
    [InlineData("002804F0", "RowsForNthOrderCoefficients")]
    [InlineData("002808A8", "ImageDataLocation")]
    [InlineData("10000013", "HuffmanTableTriplet")]
    [InlineData("1000ABC5", "ShiftTableTriplet")]
    [InlineData("10101234", "ZonalMap")]
    [InlineData("7FE00010", "PixelData")]
    [InlineData("7F020010", "VariablePixelData")]
    public void Families_are_resolved_and_single_elements_win(string tag, string keyword)
    {
        Assert.True(DicomDictionary.TryGet(Tag(tag), out DicomDictionaryEntry? entry));
        Assert.Equal(keyword, entry.Keyword);
        Assert.Equal(entry.Tag.Value & entry.Mask, Tag(tag).Value & entry.Mask);
    }

    [Theory]
    [InlineData("60013000")]
    [InlineData("50010005")]
    [InlineData("00091001")]
    [InlineData("00080007")]
    [InlineData("00000008")]
    public void Private_and_unknown_elements_have_no_entry(string tag)
    {
        Assert.False(DicomDictionary.TryGet(Tag(tag), out DicomDictionaryEntry? entry));
        Assert.Null(entry);
    }

    [Theory]
    [InlineData("")]
    [InlineData("patientid")]
    [InlineData("PatientI")]
    [InlineData("PatientIDs")]
    [InlineData("Patient|ID")]
    [InlineData("PatientID|")]
    [InlineData("Ünknown")]
    [InlineData("zzz")]
    public void A_keyword_is_matched_letter_for_letter(string keyword) => Assert.False(DicomDictionary.TryGetByKeyword(keyword, out _));

    [Theory]
    [InlineData("00100010", DicomVR.PN)]
    [InlineData("00081140", DicomVR.SQ)]
    [InlineData("00080000", DicomVR.UL)]
    [InlineData("00090000", DicomVR.UL)]
    [InlineData("10000000", DicomVR.UL)]
    [InlineData("00090010", DicomVR.LO)]
    [InlineData("000900FF", DicomVR.LO)]
    [InlineData("00090100", DicomVR.UN)]
    [InlineData("00090001", DicomVR.UN)]
    [InlineData("00091010", DicomVR.UN)]
    [InlineData("00080007", DicomVR.UN)]
    [InlineData("00280106", DicomVR.US)]
    [InlineData("7FE00010", DicomVR.OW)]
    [InlineData("60043000", DicomVR.OW)]
    [InlineData("54001010", DicomVR.OW)]
    [InlineData("00283006", DicomVR.OW)]
    [InlineData("00281200", DicomVR.OW)]
    [InlineData("7FE00009", DicomVR.OD)]
    [InlineData("FFFEE000", DicomVR.None)]
    public void Implicit_encoding_takes_the_vr_from_the_rules(string tag, DicomVR vr) => Assert.Equal(vr, DicomDictionary.VROf(Tag(tag)));

    [Theory]
    [InlineData("00280106", DicomVR.US, true)]
    [InlineData("7FE00010", DicomVR.OB, true)]
    [InlineData("00280010", DicomVR.US, false)]
    public void An_entry_has_the_first_vr_and_says_whether_there_are_more(string tag, DicomVR vr, bool ambiguous)
    {
        Assert.True(DicomDictionary.TryGet(Tag(tag), out DicomDictionaryEntry? entry));
        Assert.Equal((vr, ambiguous), (entry.VR, entry.IsAmbiguous));
    }

    [Fact]
    public void Every_vr_of_the_dictionary_is_a_row_of_the_vr_table()
        => Assert.All(
            DicomDictionary.All, entry => Assert.True(DicomVRTable.IsKnown(entry.VR) || entry.Tag.Group == 0xFFFE, entry.Keyword));

    [Fact]
    public void Look_up_allocates_nothing()
    {
        uint[] tags = [.. DicomDictionary.All.Select(entry => entry.Tag.Value)];
        int sum = LookUp(tags);
        long least = long.MaxValue;

        // The runtime itself may sometimes allocate on this thread, for example when it recompiles a method.
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            sum += LookUp(tags);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.True(sum > 0);
    }

    [Fact]
    public void Constants_are_named_by_keyword()
    {
        Assert.Equal(new DicomTag(0x0008, 0x0018), DicomTag.SOPInstanceUID);
        Assert.Equal(new DicomTag(0x7FE0, 0x0010), DicomTag.PixelData);
        Assert.Equal(new DicomTag(0x6000, 0x3000), DicomTag.OverlayData);
    }

    private static int LookUp(uint[] tags)
    {
        int sum = 0;
        foreach (uint value in tags)
        {
            sum += (int)DicomDictionary.VROf(DicomTag.FromValue(value));
            sum += DicomDictionary.TryGet(DicomTag.FromValue(value), out DicomDictionaryEntry? entry) ? entry.VM.Length : 0;
            sum += DicomDictionary.TryGetByKeyword("StudyInstanceUID", out DicomTag tag) ? tag.Element : 0;
        }

        return sum;
    }

    private static DicomTag Tag(string hex)
        => DicomTag.FromValue(uint.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
}
