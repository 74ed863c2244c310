using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Tests.CharacterSets;

/// <summary>The examples of PS3.5 annexes H to K, and a word in each single-byte set.</summary>
public sealed class StandardExamplesTests
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
    [InlineData("ISO_IR 192", "Wang^XiaoDong=[E7 8E 8B]^[E5 B0 8F E4 B8 9C]=", "Wang^XiaoDong=王^小东=")]
    [InlineData("GB18030", "Wang^XiaoDong=[CD F5]^[D0 A1 B6 AB]=", "Wang^XiaoDong=王^小东=")]
    [InlineData("GBK", "Wang^XiaoDong=[CD F5]^[D0 A1 B6 AB]=", "Wang^XiaoDong=王^小东=")]
    [InlineData(@"\ISO 2022 IR 58", "Zhang^XiaoDong=[ESC]$)A[D5 C5]^[ESC]$)A[D0 A1 B6 AB]=", "Zhang^XiaoDong=张^小东=")]
    public void Names_of_the_annexes_are_decoded(string terms, string bytes, string name)
        => Assert.Equal([name], TextBytes.Set(terms).DecodeValues(TextBytes.Of(bytes), DicomVR.PN));

    [Theory]
    [InlineData(
        @"\ISO 2022 IR 149",
        "[ESC]$)CThe 1st line includes [B1 E6 B5 BF].[0D 0A ESC]$)CThe 2nd line includes [C8 AB], too.[0D 0A]The 3rd line.",
        "The 1st line includes 길동.\r\nThe 2nd line includes 홍, too.\r\nThe 3rd line.")]
    [InlineData(
        @"\ISO 2022 IR 58",
        "1. [ESC]$)A[B5 DA D2 BB D0 D0 CE C4 D7 D6 A1 A3 0D 0A]2. [ESC]$)A[B5 DA B6 FE D0 D0 CE C4 D7 D6 A1 A3 0D 0A]",
        "1. 第一行文字。\r\n2. 第二行文字。\r\n")]
    public void Long_texts_of_the_annexes_are_decoded(string terms, string bytes, string text)
        => Assert.Equal([text], TextBytes.Set(terms).DecodeValues(TextBytes.Of(bytes), DicomVR.LT));

    [Theory]
    [InlineData("ISO_IR 100", "Buc^J[E9]r[F4]me", "Buc^Jérôme")]
    [InlineData("ISO_IR 101", "[A3]ukasz Dvo[F8][E1]k", "Łukasz Dvořák")]
    [InlineData("ISO_IR 109", "[A6]ag[F8]u [B1]obon", "Ĥagĝu ħobon")]
    [InlineData("ISO_IR 110", "J[F2]nis [BE]", "Jōnis ž")]
    [InlineData("ISO_IR 144", "[BB EE DA 63 D1]", "Люкcб")]
    [InlineData("ISO_IR 127", "[E2 C8 C7 E6 EA]^[E4 E6 D2 C7 D1]", "قباني^لنزار")]
    [InlineData("ISO_IR 126", "[C4 E9 EF ED F5 F3 E9 EF F2]", "Διονυσιος")]
    [InlineData("ISO_IR 138", "[F9 F8 E5 EF]^[E3 E1 E5 F8 E4]", "שרון^דבורה")]
    [InlineData("ISO_IR 148", "[C7]avu[FE]o[F0]lu [DD]", "Çavuşoğlu İ")]
    [InlineData("ISO_IR 203", "[A4] [BD]uvre [A6]", "€ œuvre Š")]
    [InlineData("ISO_IR 166", "[CA C7 D1 CA B4 D5]", "สวัสดี")]
    [InlineData("ISO_IR 13", "[D4 CF C0 DE]^[C0 DB B3]", "ﾔﾏﾀﾞ^ﾀﾛｳ")]
    public void Single_byte_sets_are_decoded(string terms, string bytes, string text)
        => Assert.Equal([text], TextBytes.Set(terms).DecodeValues(TextBytes.Of(bytes), DicomVR.PN));

    [Theory]
    [InlineData("-A", 0xE9, 'é')]
    [InlineData("-B", 0xF8, 'ř')]
    [InlineData("-C", 0xA6, 'Ĥ')]
    [InlineData("-D", 0xBE, 'ž')]
    [InlineData("-L", 0xBB, 'Л')]
    [InlineData("-G", 0xE2, 'ق')]
    [InlineData("-F", 0xC4, 'Δ')]
    [InlineData("-H", 0xF9, 'ש')]
    [InlineData("-M", 0xFE, 'ş')]
    [InlineData("-b", 0xA4, '€')]
    [InlineData("-T", 0xCA, 'ส')]
    [InlineData(")I", 0xD4, 'ﾔ')]
    public void Each_escape_sequence_designates_its_set_until_the_next_delimiter(string sequence, byte code, char character)
    {
        byte[] bytes = [(byte)'a', 0x1B, .. TextBytes.Of(sequence), code, (byte)'b', (byte)'\\', code];

        string[] values = TextBytes.Set(@"ISO 2022 IR 100\ISO 2022 IR 144").DecodeValues(bytes, DicomVR.LO);

        Assert.Equal([$"a{character}b", ((char)code).ToString()], values);
    }

    [Fact]
    public void Supplementary_kanji_are_decoded()
        => Assert.Equal(
            ["あ丂a"],
            TextBytes.Set(@"\ISO 2022 IR 87\ISO 2022 IR 159").DecodeValues(TextBytes.Of("[ESC]$B$\"[ESC]$(D0![ESC](Ba"), DicomVR.LO));
}
