using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Tests.CharacterSets;

/// <summary>Text in a declared character set is written as in the annexes of PS3.5, and reads back the same.</summary>
public sealed class EncodingTests
{
    [Theory]
    [InlineData(
        @"\ISO 2022 IR 87",
        "Yamada^Tarou=[ESC]$B;3ED[ESC](B^[ESC]$BB@O:[ESC](B=[ESC]$B$d$^$@[ESC](B^[ESC]$B$?$m$&[ESC](B",
        "Yamada^Tarou=山田^太郎=やまだ^たろう")]
    [InlineData(
        @"ISO 2022 IR 13\ISO 2022 IR 87",
        "[D4 CF C0 DE]^[C0 DB B3]=[ESC]$B;3ED[ESC](J^[ESC]$BB@O:[ESC](J=[ESC]$B$d$^$@[ESC](J^[ESC]$B$?$m$&[ESC](J",
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう")]
    [InlineData(
        @"\ISO 2022 IR 149",
        "Hong^Gildong=[ESC]$)C[FB F3]^[ESC]$)C[D1 CE D4 D7]=[ESC]$)C[C8 AB]^[ESC]$)C[B1 E6 B5 BF]",
        "Hong^Gildong=洪^吉洞=홍^길동")]
    [InlineData(@"\ISO 2022 IR 58", "Zhang^XiaoDong=[ESC]$)A[D5 C5]^[ESC]$)A[D0 A1 B6 AB]=", "Zhang^XiaoDong=张^小东=")]
    [InlineData(@"ISO 2022 IR 100\ISO 2022 IR 144", "[E9] [ESC]-L[BB]^[E9]", "é Л^é")]
    [InlineData("GB18030", "Wang^XiaoDong=[CD F5]^[D0 A1 B6 AB]=", "Wang^XiaoDong=王^小东=")]
    [InlineData("ISO_IR 192", "Wang^XiaoDong=[E7 8E 8B]^[E5 B0 8F E4 B8 9C]=", "Wang^XiaoDong=王^小东=")]
    [InlineData("ISO_IR 100", "Buc^J[E9]r[F4]me", "Buc^Jérôme")]
    [InlineData("ISO_IR 144", "[BB EE DA 63 D1]", "Люкcб")]
    [InlineData("ISO_IR 13", "[D4 CF C0 DE]^[C0 DB B3]", "ﾔﾏﾀﾞ^ﾀﾛｳ")]
    [InlineData("ISO_IR 126", "[C4 E9 EF ED F5 F3 E9 EF F2]", "Διονυσιος")]
    [InlineData("", "Doe^Jane", "Doe^Jane")]
    public void Names_are_written_as_the_annexes_write_them(string terms, string bytes, string name)
    {
        SpecificCharacterSet set = TextBytes.Set(terms);

        Assert.True(set.TryEncode(name, DicomVR.PN, out byte[] value));

        Assert.Equal(Convert.ToHexString(TextBytes.Of(bytes)), Convert.ToHexString(value));
        Assert.Equal(name, set.Decode(value, DicomVR.PN));
    }

    [Theory]
    [InlineData("", "é")]
    [InlineData("ISO_IR 100", "山")]
    [InlineData("ISO_IR 100", "Ł")]
    [InlineData("ISO_IR 87", "é")]
    [InlineData(@"\ISO 2022 IR 87", "한")]
    [InlineData("GBK", "😀")]
    [InlineData("ISO_IR 13", "~")]
    public void A_character_outside_the_set_is_not_written(string terms, string text)
        => Assert.False(TextBytes.Set(terms).TryEncode(text, DicomVR.LO, out _));

    [Fact]
    public void Each_value_of_a_list_begins_with_the_first_set()
    {
        Assert.True(TextBytes.Set(@"\ISO 2022 IR 87").TryEncode(@"山a\田", DicomVR.LO, out byte[] value));

        Assert.Equal(Convert.ToHexString(TextBytes.Of(@"[ESC]$B;3[ESC](Ba\[ESC]$BED[ESC](B")), Convert.ToHexString(value));
    }

    [Fact]
    public void A_VR_without_character_set_takes_only_the_default_repertoire()
    {
        Assert.False(SpecificCharacterSet.Utf8.TryEncode("é", DicomVR.CS, out _));
        Assert.True(SpecificCharacterSet.Utf8.TryEncode("CT", DicomVR.CS, out byte[] value));
        Assert.Equal("CT"u8.ToArray(), value);
    }
}
