using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Tests.CharacterSets;

public sealed class DelimiterTests
{
    [Theory]
    [InlineData("GBK", "[D5 5C]A[5C]B", new[] { "誠A", "B" })]
    [InlineData("GB18030", "[D5 5C]A[5C]B[81 30 81 30]", new[] { "誠A", "B\u0080" })]
    [InlineData("Shift_JIS", "[95 5C][5C]B", new[] { "表", "B" })]
    [InlineData(@"\ISO 2022 IR 87", "[ESC]$B[5C 21 21 5C ESC](B[5C]B", new[] { "棔＋", "B" })]
    [InlineData("ISO_IR 192", "[E8 A1 A8 5C]B", new[] { "表", "B" })]
    public void A_backslash_byte_inside_a_character_does_not_separate_values(string terms, string bytes, string[] values)
        => Assert.Equal(values, TextBytes.Set(terms).DecodeValues(TextBytes.Of(bytes), DicomVR.LO));

    [Fact]
    public void The_yen_sign_separates_values_only_where_there_can_be_several()
    {
        SpecificCharacterSet set = TextBytes.Set("ISO_IR 13");

        Assert.Equal(["a", "b‾"], set.DecodeValues(@"a\b~"u8, DicomVR.LO));
        Assert.Equal(["a¥b‾"], set.DecodeValues(@"a\b~"u8, DicomVR.LT));
    }

    [Theory]
    [InlineData(DicomVR.LT)]
    [InlineData(DicomVR.ST)]
    [InlineData(DicomVR.UT)]
    [InlineData(DicomVR.UR)]
    public void Texts_of_one_value_keep_their_backslashes(DicomVR vr)
        => Assert.Equal([@"a\b"], SpecificCharacterSet.Default.DecodeValues(@"a\b"u8, vr));

    [Theory]
    [InlineData("[0D]", DicomVR.LT, true)]
    [InlineData("[0A]", DicomVR.LT, true)]
    [InlineData("[0C]", DicomVR.LT, true)]
    [InlineData("[09]", DicomVR.LT, true)]
    [InlineData(@"\", DicomVR.LO, true)]
    [InlineData(@"\", DicomVR.LT, false)]
    [InlineData("^", DicomVR.PN, true)]
    [InlineData("=", DicomVR.PN, true)]
    [InlineData("^", DicomVR.LO, false)]
    [InlineData("=", DicomVR.LO, false)]
    public void Delimiters_bring_back_the_sets_of_the_first_term(string delimiter, DicomVR vr, bool resets)
    {
        string text = TextBytes.Set(@"ISO 2022 IR 100\ISO 2022 IR 144").Decode(TextBytes.Of($"[ESC]-L[BB]{delimiter}[BB]"), vr);

        Assert.Equal('Л', text[0]);
        Assert.Equal(resets ? '»' : 'Л', text[^1]);
    }

    [Theory]
    [InlineData(DicomVR.AE, "a b")]
    [InlineData(DicomVR.CS, "a b")]
    [InlineData(DicomVR.DA, "a b")]
    [InlineData(DicomVR.DS, "a b")]
    [InlineData(DicomVR.DT, "a b")]
    [InlineData(DicomVR.IS, "a b")]
    [InlineData(DicomVR.LO, "a b")]
    [InlineData(DicomVR.SH, "a b")]
    [InlineData(DicomVR.TM, "a b")]
    [InlineData(DicomVR.UI, "a b")]
    [InlineData(DicomVR.PN, "  a b")]
    [InlineData(DicomVR.LT, "  a b")]
    [InlineData(DicomVR.ST, "  a b")]
    [InlineData(DicomVR.UT, "  a b")]
    [InlineData(DicomVR.UC, "  a b")]
    [InlineData(DicomVR.UR, "  a b")]
    public void Padding_is_taken_off_where_the_vr_says_so(DicomVR vr, string value)
    {
        Assert.Equal([value], SpecificCharacterSet.Default.DecodeValues("  a b \0"u8, vr));
        Assert.Equal(["  a b \0"], [SpecificCharacterSet.Default.Decode("  a b \0"u8, vr)]);
    }

    [Fact]
    public void Each_of_several_values_is_trimmed_and_empty_ones_stay()
    {
        Assert.Equal(["a", "", "b", ""], SpecificCharacterSet.Default.DecodeValues(@" a \\b  \ "u8, DicomVR.CS));
        Assert.Equal([""], SpecificCharacterSet.Utf8.DecodeValues("  "u8, DicomVR.LO));
        Assert.Empty(SpecificCharacterSet.Utf8.DecodeValues([], DicomVR.LO));
    }
}
