using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Manifest.Tests.Search;

public sealed class SearchValueTests
{
    [Theory]
    [InlineData("20240131", "20240131")]
    [InlineData(" 2024.01.31\0", "20240131")]
    [InlineData("20241331", null)]
    [InlineData("2024013", null)]
    [InlineData("2024013x", null)]
    [InlineData("", null)]
    public void Dates_are_eight_digits(string text, string? expected) => Assert.Equal(expected, SearchValue.NormaliseDate(text));

    [Theory]
    [InlineData("12", "120000.000000", "125959.999999")]
    [InlineData("1230", "123000.000000", "123059.999999")]
    [InlineData("123045", "123045.000000", "123045.999999")]
    [InlineData("12:30:45", "123045.000000", "123045.999999")]
    [InlineData("123045.5", "123045.500000", "123045.599999")]
    [InlineData("123045.123456", "123045.123456", "123045.123456")]
    [InlineData("235960", "235960.000000", "235960.999999")]
    [InlineData("1", null, null)]
    [InlineData("24", null, null)]
    [InlineData("1260", null, null)]
    [InlineData("12.5", null, null)]
    [InlineData("noon", null, null)]
    [InlineData("", null, null)]
    public void Short_times_are_padded_to_their_start_or_end(string text, string? start, string? end)
    {
        Assert.Equal(start, SearchValue.NormaliseTime(text));
        Assert.Equal(end, SearchValue.NormaliseTimeEnd(text));
    }

    [Theory]
    [InlineData("+007 ", 7L)]
    [InlineData("-12", -12L)]
    [InlineData("1.5", null)]
    [InlineData("9999999999999", null)]
    [InlineData("", null)]
    public void Integers_are_numbers(string text, long? expected) => Assert.Equal(expected, SearchValue.NormaliseInteger(text));

    [Fact]
    public void Text_has_no_control_characters_and_no_half_surrogates_and_is_composed()
    {
        Assert.Equal("a b", SearchValue.NormaliseText(" a\0\u001F b \0"));
        Assert.Equal("\uFFFDx", SearchValue.NormaliseText("\uD800x"));
        Assert.Equal("\u00C4\uD55C", SearchValue.NormaliseText("A\u0308\u1112\u1161\u11AB"));
        Assert.Equal(10_000, SearchValue.NormaliseText(new string('a', 10_000)).Length);
    }

    [Theory]
    [InlineData("Smith ^ John ^^^=山田^太郎=", new[] { "smith^john", "山田^太郎" })]
    [InlineData("=山田", new[] { "山田" })]
    [InlineData("^^^", new string[0])]
    [InlineData("ÄRZTE^Jo*", new[] { "ärzte^jo*" })]
    [InlineData("A\u0308RZTE", new[] { "ärzte" })]
    [InlineData("ΠΑΠΑΔΟΠΟΥΛΟΣ", new[] { "παπαδοπουλοσ" })]
    [InlineData("Παπαδόπουλος", new[] { "παπαδόπουλοσ" })]
    [InlineData("Straße", new[] { "strasse" })]
    public void Names_are_folded_groups_without_empty_ends(string name, string[] groups)
        => Assert.Equal(groups, SearchValue.NormaliseName(name));

    [Theory]
    [InlineData("Müller-Lüdenscheidt^Jörg=山田^太郎", new[] { "muller", "ludenscheidt", "jorg", "山田", "太郎" })]
    [InlineData("O'Brien^Ærø Straße", new[] { "o", "brien", "aero", "strasse" })]
    [InlineData("Łukasz^Œuvre", new[] { "lukasz", "oeuvre" })]
    [InlineData("Nguyễn^Đặng", new[] { "nguyen", "dang" })]
    [InlineData("Jose\u0301", new[] { "jose" })]
    [InlineData("ΠΑΠΑΔΌΠΟΥΛΟΣ Μιχάλης", new[] { "παπαδοπουλοσ", "μιχαλησ" })]
    [InlineData("Ёлкин Йод", new[] { "елкин", "иод" })]
    [InlineData("ほんだ^か\u3099", new[] { "ほんだ", "が" })]
    [InlineData("한글", new[] { "한글" })]
    public void Words_of_names_have_no_accents(string name, string[] words) => Assert.Equal(words, SearchValue.NameWords(name));

    [Fact]
    public void Values_that_do_not_fit_are_left_out_whole()
    {
        Assert.Null(SearchValue.Enclose([""], 10));
        Assert.Equal("\u001Fab\u001Fcd\u001F", SearchValue.Enclose(["ab", "cd", "ab", "efghi"], 8));
    }

    [Fact]
    public void Every_column_of_a_level_has_a_value_in_its_place()
    {
        DicomDataset attributes = new() { CharacterSet = SpecificCharacterSet.Utf8 };
        attributes.Set(new DicomElement(DicomTag.StudyDate, DicomVR.DA, "20240131"u8.ToArray()));
        attributes.Set(new DicomElement(DicomTag.PatientName, DicomVR.PN, "Müller^Jo "u8.ToArray()));

        object?[] values = SearchIndexValues.Read(SearchLevel.Study, attributes);

        object? Of(string column)
            => values[SearchIndexValues.Columns(SearchLevel.Study).Select(known => known.Name).ToList().IndexOf(column)];
        Assert.Equal("20240131", Of("study_date"));
        Assert.Equal("\u001Fmüller^jo\u001F", Of("patient_name"));
        Assert.Equal(" muller jo ", Of("patient_name_words"));
        Assert.Null(Of("patient_id"));
    }

    [Fact]
    public void An_attribute_is_found_by_its_path()
    {
        Assert.Same(
            SearchAttributes.RequestedProcedureID,
            SearchAttributes.Find([DicomTag.RequestAttributesSequence, DicomTag.RequestedProcedureID]));
        Assert.Null(SearchAttributes.Find([DicomTag.RequestedProcedureID]));
        Assert.Equal(
            SearchAttributes.All.Count, SearchAttributes.All.Select(attribute => attribute.Level + attribute.Column).Distinct().Count());
    }
}
