using System.Text;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Tests.CharacterSets;

public sealed class LeniencyTests
{
    private static readonly string[] Terms =
    [
        "", "ISO_IR 6", "ISO_IR 13", "ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 144", "ISO_IR 127", "ISO_IR 126",
        "ISO_IR 138", "ISO_IR 148", "ISO_IR 203", "ISO_IR 166", "ISO_IR 192", "GB18030", "GBK", "ISO 2022 IR 6", "ISO 2022 IR 13",
        "ISO 2022 IR 87", "ISO 2022 IR 159", "ISO 2022 IR 149", "ISO 2022 IR 58", "ISO 2022 IR 100", "ISO 2022 IR 166",
        "ISO 2022 IR 203", "Shift_JIS", "BIG5", "windows-1251", "no such",
    ];

    [Theory]
    [InlineData("ISO IR 100", "ISO_IR 100")]
    [InlineData("ISO-IR-100", "ISO_IR 100")]
    [InlineData("iso_ir 100", "ISO_IR 100")]
    [InlineData("ISO_IR_100", "ISO_IR 100")]
    [InlineData("ISO_IR100", "ISO_IR 100")]
    [InlineData("ISO8859-1", "ISO_IR 100")]
    [InlineData("ISO-8859-15", "ISO_IR 203")]
    [InlineData("latin1", "ISO_IR 100")]
    [InlineData("ISO_IR_192", "ISO_IR 192")]
    [InlineData("ISO 2022 IR 192", "ISO_IR 192")]
    [InlineData("UTF8", "ISO_IR 192")]
    [InlineData("utf-8", "ISO_IR 192")]
    [InlineData("ISO2022 IR87", "ISO 2022 IR 87")]
    [InlineData("ISO-2022-IR-149", "ISO 2022 IR 149")]
    [InlineData("ISO_IR 58", "ISO 2022 IR 58")]
    [InlineData("ISO 2022 GBK", "GBK")]
    [InlineData("GB2312", "GBK")]
    [InlineData("gb 18030", "GB18030")]
    [InlineData("SHIFT_JIS", "Shift_JIS")]
    [InlineData("cp1251", "windows-1251")]
    public void Misspelt_terms_are_understood_and_noted(string written, string meant)
    {
        SpecificCharacterSet set = TextBytes.Set(written);

        Assert.Equal([meant], set.Terms);
        Assert.Equal([written], set.MisspeltTerms);
        Assert.Empty(set.UnknownTerms);
    }

    [Theory]
    [InlineData("ISO_IR 100 ")]
    [InlineData("ISO 2022 IR 100 ")]
    [InlineData("ISO_IR 192\0")]
    [InlineData(@"\ISO 2022 IR 87")]
    [InlineData(@"ISO 2022 IR 13\ISO 2022 IR 87\ISO 2022 IR 159")]
    [InlineData("ISO_IR 6")]
    [InlineData("GBK")]
    [InlineData("")]
    public void Terms_of_the_standard_are_not_noted(string written)
    {
        SpecificCharacterSet set = TextBytes.Set(written);

        Assert.NotEmpty(set.Terms);
        Assert.Empty(set.MisspeltTerms);
        Assert.Empty(set.UnknownTerms);
    }

    [Theory]
    [InlineData("ISO_IR 999")]
    [InlineData("KLINGON")]
    [InlineData("ISO")]
    [InlineData("ISO 2022 IR")]
    [InlineData("windows-9999")]
    public void Unknown_terms_are_listed_and_read_as_if_absent(string written)
    {
        SpecificCharacterSet set = TextBytes.Set(written);

        Assert.Equal([written], set.UnknownTerms);
        Assert.Equal("Jérôme", set.Decode(TextBytes.Of("J[E9]r[F4]me"), DicomVR.PN));
    }

    [Theory]
    [InlineData("J[C3 A9]r[C3 B4]me", "Jérôme")]
    [InlineData("J[E9]r[F4]me", "Jérôme")]
    [InlineData("J[E9]r[C3 B4]me", "JérÃ´me")]
    [InlineData("it[92]s [80]5", "it’s €5")]
    [InlineData("[C3 A9 ESC]$B;3ED[ESC](B", "é山田")]
    public void Undeclared_bytes_are_utf8_where_the_whole_value_is_else_windows_1252(string bytes, string text)
    {
        Assert.Equal(text, SpecificCharacterSet.Default.Decode(TextBytes.Of(bytes), DicomVR.LO));
        Assert.Equal(text, TextBytes.Set("ISO 2022 IR 6").Decode(TextBytes.Of(bytes), DicomVR.LO));
    }

    [Theory]
    [InlineData("ISO_IR 192", "J[E9]r[F4]me", "J\uFFFDr\uFFFDme")]
    [InlineData("GB18030", "a[FF]b", "a\uFFFDb")]
    [InlineData("ISO_IR 126", "a[D2]b", "a\uFFFDb")]
    [InlineData("ISO_IR 100", "a[ESC]%Gb", "a\uFFFD%Gb")]
    [InlineData("ISO_IR 100", "a[ESC]", "a\uFFFD")]
    [InlineData("ISO_IR 100", "a[ESC]$", "a\uFFFD$")]
    [InlineData(@"\ISO 2022 IR 87", "[ESC]$B;[ESC](Bx", "\uFFFDx")]
    [InlineData(@"\ISO 2022 IR 87", "[ESC]$B;", "\uFFFD")]
    [InlineData(@"\ISO 2022 IR 149", "[C8]x[C8]", "\uFFFDx\uFFFD")]
    [InlineData("ISO_IR 13", "[E0]", "\uFFFD")]
    public void Bytes_outside_every_table_become_a_replacement_character(string terms, string bytes, string text)
        => Assert.Equal(text, TextBytes.Set(terms).Decode(TextBytes.Of(bytes), DicomVR.LO));

    [Theory]
    [InlineData("ISO_IR 100", "[ESC]$B;3ED[ESC](B", "山田")]
    [InlineData("", "[ESC]$B;3ED[ESC](B [ESC]-L[BB]", "山田 Л")]
    [InlineData(@"\ISO 2022 IR 149", "[C8 AB]^[B1 E6 B5 BF]", "홍^길동")]
    [InlineData("ISO 2022 IR 149", "[C8 AB]", "홍")]
    [InlineData("ISO_IR 13", "[8E 52 93 63]", "山田")]
    [InlineData(@"ISO 2022 IR 6\ISO 2022 IR 13", "~[ESC](J~", "~‾")]
    [InlineData(@"\ISO_IR 192", "[E8 A1 A8]", "表")]
    public void Undeclared_character_sets_of_devices_are_still_read(string terms, string bytes, string text)
        => Assert.Equal(text, TextBytes.Set(terms).Decode(TextBytes.Of(bytes), DicomVR.PN));

    [Theory]
    [InlineData(DicomVR.CS)]
    [InlineData(DicomVR.UI)]
    [InlineData(DicomVR.DA)]
    public void The_character_set_does_not_apply_to_other_vrs(DicomVR vr)
        => Assert.Equal("é~\u00E9", TextBytes.Set(@"ISO 2022 IR 13").Decode(TextBytes.Of("[E9]~[E9]"), vr));

    [Fact]
    public void A_value_of_many_terms_is_read_up_to_a_limit()
    {
        SpecificCharacterSet set = TextBytes.Set(string.Join('\\', Enumerable.Repeat(new string('x', 1000), 10_000)));

        Assert.Equal(32, set.UnknownTerms.Count);
        Assert.All(set.UnknownTerms, term => Assert.Equal(32, term.Length));
    }

    [Fact]
    public void A_megabyte_of_undeclared_bytes_between_ascii_is_read_in_one_pass()
    {
        byte[] bytes = [.. Enumerable.Range(0, 1 << 20).Select(index => (byte)(index % 2 == 0 ? 'a' : 0xE9))];

        string text = SpecificCharacterSet.Default.Decode(bytes, DicomVR.UT);

        Assert.Equal(bytes.Length, text.Length);
        Assert.EndsWith("aéaé", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Decoding_never_throws_and_never_gives_more_characters_than_bytes()
    {
        var random = new Random(20260101);
        DicomVR[] vrs = [DicomVR.PN, DicomVR.LO, DicomVR.LT, DicomVR.UT, DicomVR.CS];
        byte[] telling =
        [
            0x1B, (byte)'$', (byte)'(', (byte)')', (byte)'-', (byte)'A', (byte)'B', (byte)'C', (byte)'D', (byte)'\\', (byte)'^', 0x0D,
            0x81, 0xFF, 0xA1, 0x30
        ];
        for (int round = 0; round < 20_000; round++)
        {
            string terms = string.Join('\\', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Terms[random.Next(Terms.Length)]));
            SpecificCharacterSet set = TextBytes.Set(terms);
            byte[] bytes = new byte[random.Next(0, 40)];
            random.NextBytes(bytes);
            for (int index = 0; index < bytes.Length; index++)
            {
                bytes[index] = random.Next(2) == 0 ? telling[random.Next(telling.Length)] : bytes[index];
            }

            DicomVR vr = vrs[round % vrs.Length];
            string text = set.Decode(bytes, vr);

            Assert.True(text.Length <= bytes.Length, $"{terms} {Convert.ToHexString(bytes)}");
            Assert.True(bytes.Length == 0 || set.DecodeValues(bytes, vr).Length > 0);
        }
    }

    [Fact]
    public void Ascii_is_decoded_with_one_allocation()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("Doe^John");
        SpecificCharacterSet set = TextBytes.Set("ISO_IR 100");
        string expected = set.Decode(bytes, DicomVR.PN);

        long before = GC.GetAllocatedBytesForCurrentThread();
        string text = set.Decode(bytes, DicomVR.PN);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(expected, text);
        Assert.InRange(allocated, 1, 22 + (2 * text.Length) + 8);
    }
}
