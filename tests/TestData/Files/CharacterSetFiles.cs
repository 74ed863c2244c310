using System.Text;

namespace ImagingIngestion.TestData.Files;

/// <summary>
/// Text in every specific character set (PS3.3 C.12.1.1.2, PS3.5 section 6.1 and annexes H to K): fixed bytes and their text.
/// </summary>
internal static class CharacterSetFiles
{
    private const string Japanese = "=山田^太郎=やまだ^たろう";
    private const string Korean = "Hong^Gildong=洪^吉洞=홍^길동";

    /// <summary>Name, (0008,0005), encoded patient name with ~ for escape, its text.</summary>
    private static readonly (string Name, string Terms, byte[] Encoded, string Text)[] Rows =
    [
        ("absent", "", Latin("Doe^Jane"), "Doe^Jane"),
        ("ir_6", "ISO_IR 6", Latin("Doe^Jane"), "Doe^Jane"),
        ("ir_100_latin1", "ISO_IR 100", Latin("Buc^J\xE9r\xF4me"), "Buc^Jérôme"),
        ("ir_101_latin2", "ISO_IR 101", Latin("\xA5ubom\xEDr"), "Ľubomír"),
        ("ir_109_latin3", "ISO_IR 109", Latin("\xD5or\xF5"), "Ġorġ"),
        ("ir_110_latin4", "ISO_IR 110", Latin("\xD3\xBAni\xF1\xB9"), "Ķēniņš"),
        ("ir_144_cyrillic", "ISO_IR 144", Latin("\xBB\xEE\u00DAce\u00DC\xD1yp\xD3"), "Люкceмбypг"),
        ("ir_127_arabic", "ISO_IR 127", Latin("\xE2\xC8\xC7\xE6\xEA^\xE4\xE6\xD2\xC7\xD1"), "قباني^لنزار"),
        ("ir_126_greek", "ISO_IR 126", Latin("\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2"), "Διονυσιος"),
        ("ir_138_hebrew", "ISO_IR 138", Latin("\xF9\xF8\xE5\xEF^\xE3\xE1\xE5\xF8\xE4"), "שרון^דבורה"),
        ("ir_148_latin5", "ISO_IR 148", Latin("\u00C7avu\u00FEo\xF0lu"), "Çavuşoğlu"),
        ("ir_203_latin9", "ISO_IR 203", Latin("\xBCuvre\xA4"), "Œuvre€"),
        ("ir_166_thai", "ISO_IR 166", Latin("\xB7\xB4\xCA\xCD\xBA"), "ทดสอบ"),
        ("ir_13_katakana", "ISO_IR 13", Latin("\xD4\xCF\xC0\xDE^\xC0\xDB\xB3"), "ﾔﾏﾀﾞ^ﾀﾛｳ"),
        ("ir_192_utf8", "ISO_IR 192", Encoding.UTF8.GetBytes("Wang^XiaoDong=王^小東"), "Wang^XiaoDong=王^小東"),
        ("ir_192_astral", "ISO_IR 192", Encoding.UTF8.GetBytes("Rare^𠀀𝄞"), "Rare^𠀀𝄞"),
        ("gb18030", "GB18030", Latin("Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB"), "Wang^XiaoDong=王^小东"),
        ("gb18030_four_bytes", "GB18030", Latin("W^X=\xCD\xF5^\x95\x32\x82\x36"), "W^X=王^𠀀"),
        ("gbk", "GBK", Latin("Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB"), "Wang^XiaoDong=王^小东"),
        ("iso2022_ir_87", "\\ISO 2022 IR 87",
            Escaped("Yamada^Tarou=~$B;3ED~(B^~$BB@O:~(B=~$B$d$^$@~(B^~$B$?$m$&~(B"), "Yamada^Tarou" + Japanese),
        ("iso2022_ir_13_87", "ISO 2022 IR 13\\ISO 2022 IR 87",
            Escaped("\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=~$B;3ED~(J^~$BB@O:~(J=~$B$d$^$@~(J^~$B$?$m$&~(J"), "ﾔﾏﾀﾞ^ﾀﾛｳ" + Japanese),
        ("iso2022_ir_159", "\\ISO 2022 IR 159", Escaped("Rare^Kanji=~$(D0!~(B"), "Rare^Kanji=丂"),
        ("iso2022_ir_149", "\\ISO 2022 IR 149",
            Escaped("Hong^Gildong=~$)C\xFB\xF3^~$)C\xD1\xCE\xD4\xD7=~$)C\xC8\xAB^~$)C\xB1\xE6\xB5\xBF"), Korean),
        ("iso2022_ir_58", "\\ISO 2022 IR 58", Escaped("Zhang^XiaoDong=~$)A\xD5\xC5^~$)A\xD0\xA1\xB6\xAB="), "Zhang^XiaoDong=张^小东="),
        ("iso2022_three_alphabets", "ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126",
            Escaped("J\xE9r\xF4me^~-F\xC4\xE9\xEF^~-L\xBB\xEE\xDA"), "Jérôme^Διο^Люк"),
        ("iso2022_latin_katakana_ascii", "ISO 2022 IR 6\\ISO 2022 IR 100", Escaped("Buc^~-AJ\xE9r\xF4me"), "Buc^Jérôme"),
    ];

    public static IEnumerable<TestFile> All()
    {
        foreach ((string name, string terms, byte[] encoded, string text) in Rows)
        {
            yield return Make(name, Expectation.Store, terms, encoded, text);
        }

        foreach ((string name, string terms) in new[]
        {
            ("misspelt_space", "ISO IR 100"),
            ("misspelt_dash", "ISO-IR 100"),
            ("misspelt_no_space", "ISO_IR_100"),
            ("misspelt_lower", "iso_ir 100")
        })
        {
            yield return Make(name, Expectation.Either, terms, Latin("J\xE9r\xF4me"), null);
        }

        yield return Make("misspelt_iso8859", Expectation.Either, "ISO8859-1", Latin("J\xE9r\xF4me"), null);
        yield return Make("unknown_term", Expectation.Either, "MARTIAN 1", Latin("Doe^Jane"), null);
        yield return Make("absent_but_high_bytes", Expectation.Either, "", Latin("J\xE9r\xF4me"), null);
        yield return Make("utf8_not_valid", Expectation.Either, "ISO_IR 192", Latin("J\xE9r\xF4me"), null);
        yield return Make("escape_cut_off", Expectation.Either, "\\ISO 2022 IR 87", Escaped("Yamada=~$"), null);
        yield return Make("kanji_odd_byte", Expectation.Either, "\\ISO 2022 IR 87", Escaped("Yamada=~$B;3E"), null);
        yield return InItem();
        yield return Delimiters();
    }

    private static TestFile Make(string name, Expectation expectation, string terms, byte[] encoded, string? text)
        => File(name, expectation, text is null
            ? []
            : new() { [Tag.PatientName] = [text], [Tag.ReferringPhysicianName] = [text], [Tag.StudyDescription] = [text] }, data =>
        {
            byte[] padded = Even(encoded);
            data.Bytes(Tag.PatientName, "PN", padded)
                .Bytes(Tag.ReferringPhysicianName, "PN", padded)
                .Bytes(Tag.StudyDescription, "LO", padded);
            if (terms.Length > 0)
            {
                data.Text(Tag.SpecificCharacterSet, "CS", terms);
            }
        });

    /// <summary>Makes an item with its own character set, and one that inherits (PS3.5 section 6.1.2.3).</summary>
    private static TestFile InItem()
        => File("item_has_its_own", Expectation.Store, new() { [Tag.PatientName] = ["Jérôme"] }, data => data
            .Text(Tag.SpecificCharacterSet, "CS", "ISO_IR 100")
            .Bytes(Tag.PatientName, "PN", Even(Latin("J\xE9r\xF4me")))
            .Sequence(
                Tag.ContentSequence,
                new DataSetBuilder()
                    .Text(Tag.SpecificCharacterSet, "CS", "ISO_IR 192")
                    .Bytes(Tag.TextValue, "UT", Even(Encoding.UTF8.GetBytes("山田"))),
                new DataSetBuilder().Bytes(Tag.TextValue, "UT", Even(Latin("\xE9t\xE9")))));

    /// <summary>Makes text whose code extensions end at the delimiters of the VR (PS3.5 section 6.1.2.5.3).</summary>
    /// <remarks>The delimiters are a backslash in LO, = and ^ in PN, and line ends in LT.</remarks>
    private static TestFile Delimiters()
        => File("iso2022_delimiters", Expectation.Store, new()
        {
            [Tag.PatientName] = ["洪^吉洞", "Kim"],
            [Tag.StudyDescription] = ["山田", "plain", "太郎"],
            [0x0010_4000] = ["洪\r\nplain\r\n吉洞"],
        }, data => data
            .Text(Tag.SpecificCharacterSet, "CS", "\\ISO 2022 IR 87\\ISO 2022 IR 149")
            .Bytes(Tag.PatientName, "PN", Even(Escaped("~$)C\xFB\xF3^~$)C\xD1\xCE\xD4\xD7\\Kim")))
            .Bytes(Tag.StudyDescription, "LO", Even(Escaped("~$B;3ED~(B\\plain\\~$BB@O:~(B")))
            .Bytes(0x0010_4000, "LT", Even(Escaped("~$)C\xFB\xF3\r\nplain\r\n~$)C\xD1\xCE\xD4\xD7"))));

    private static TestFile File(string name, Expectation expectation, Dictionary<uint, string[]> texts, Action<DataSetBuilder> change)
        => new TestInstance("charset " + name) { PixelData = Pattern.Bytes(16), Change = change }.ToFile(
            $"charset/{name}.dcm", expectation) with { FrameCount = 1, Texts = texts };

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);

    private static byte[] Escaped(string text) => Latin(text.Replace('~', '\x1B'));

    private static byte[] Even(byte[] bytes) => bytes.Length % 2 == 0 ? bytes : [.. bytes, (byte)' '];
}
