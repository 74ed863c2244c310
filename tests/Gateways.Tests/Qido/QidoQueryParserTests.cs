using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Gateways.Qido;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Gateways.Tests.Qido;

public sealed class QidoQueryParserTests
{
    [Theory]
    [InlineData("PatientID=a%2Bb", "PatientID=a+b")]
    [InlineData("00100020=P1", "PatientID=P1")]
    [InlineData("PatientName=M%C3%BCller%5EAnna", "PatientName=Müller^Anna")]
    [InlineData("PatientName=Doe+Jane", "PatientName=Doe Jane")]
    [InlineData("PatientName=Doe,%20J", "PatientName=Doe, J")]
    [InlineData("PatientName=*doe*", "PatientName~*doe*")]
    [InlineData("PatientName=", "")]
    [InlineData("PatientName=*", "")]
    [InlineData("PatientID=P1&PatientName=D*", "PatientID=P1 PatientName~D*")]
    [InlineData("PatientID=P1%5CP2", "PatientID=P1|P2")]
    [InlineData("StudyInstanceUID=1.2,1.3", "StudyInstanceUID=1.2|1.3")]
    [InlineData("StudyInstanceUID=1.2%5C1.3", "StudyInstanceUID=1.2|1.3")]
    [InlineData("StudyInstanceUID=1.2&StudyInstanceUID=1.3", "StudyInstanceUID=1.2|1.3")]
    [InlineData("ModalitiesInStudy=CT,MR", "ModalitiesInStudy=CT|MR")]
    [InlineData("Modality=CT", "ModalitiesInStudy=CT")]
    [InlineData("StudyDate=20200131", "StudyDate=20200131")]
    [InlineData("StudyDate=2020.01.31", "StudyDate=20200131")]
    [InlineData("StudyDate=20200101-20200131", "StudyDate[20200101..20200131]")]
    [InlineData("StudyDate=20200101-", "StudyDate[20200101..]")]
    [InlineData("StudyDate=-20200131", "StudyDate[..20200131]")]
    [InlineData("StudyDate=-", "")]
    [InlineData("StudyTime=1015", "StudyTime[101500.000000..101559.999999]")]
    [InlineData("StudyTime=101500.250000", "StudyTime=101500.250000")]
    [InlineData("StudyTime=22-02", "StudyTime[220000.000000..025959.999999]")]
    [InlineData("StudyDate=20200101-20200102&StudyTime=1000-1200", "StudyDate+StudyTime[20200101100000.000000..20200102120059.999999]")]
    [InlineData("StudyTime=1000-&StudyDate=20200101-", "StudyDate+StudyTime[20200101100000.000000..]")]
    [InlineData("StudyDate=20200101&StudyTime=1000-1200", "StudyDate=20200101 StudyTime[100000.000000..120059.999999]")]
    [InlineData("StudyDate=20200101-20200102&StudyTime=1015", "StudyDate[20200101..20200102] StudyTime[101500.000000..101559.999999]")]
    [InlineData("SpecificCharacterSet=ISO_IR%20100", "")]
    [InlineData("?PatientID=P1&&", "PatientID=P1")]
    [InlineData("PatientID=P1%20%20", "PatientID=P1")]
    public void Keys_become_matches(string raw, string expected)
    {
        QidoQuery query = Parse(raw);

        Assert.Equal(expected, string.Join(' ', query.Matches.Select(Describe).Order(StringComparer.Ordinal)));
        Assert.Empty(query.Warnings);
    }

    [Theory]
    [InlineData("RequestAttributesSequence.RequestedProcedureID=R1")]
    [InlineData("00400275.00401001=R1")]
    public void Keys_inside_a_sequence_are_named_by_a_dotted_path(string raw)
        => Assert.Equal("RequestedProcedureID=R1", Describe(Assert.Single(Parse(raw, SearchLevel.Series).Matches)));

    [Theory]
    [InlineData("limit=-1")]
    [InlineData("limit=x")]
    [InlineData("offset=-1")]
    [InlineData("offset=1.5")]
    [InlineData("StudyDate=20201301")]
    [InlineData("StudyDate=yesterday")]
    [InlineData("StudyDate=2020*")]
    [InlineData("StudyDate=20200101-x")]
    [InlineData("StudyTime=25")]
    [InlineData("StudyTime=1060")]
    [InlineData("StudyInstanceUID=1.2.*")]
    [InlineData("StudyInstanceUID=abc")]
    [InlineData("PatientID=P*%5CQ")]
    [InlineData("fuzzymatching=maybe")]
    [InlineData("PatientName=%FF")]
    [InlineData("PatientName=%4")]
    public void Values_that_cannot_be_meant_are_errors_that_do_not_repeat_them(string raw)
    {
        Assert.False(QidoQueryParser.TryParse(SearchLevel.Study, raw, 10, 100, out _, out string? error));
        Assert.NotEmpty(error);
        Assert.DoesNotContain("yesterday", error);
        Assert.DoesNotContain("abc", error);
    }

    [Theory]
    [InlineData("NoSuchKeyword=1", "NoSuchKeyword")]
    [InlineData("WindowCenter=40", "WindowCenter")]
    [InlineData("SOPInstanceUID=1.2", "SOPInstanceUID")]
    [InlineData("includefield=NoSuchKeyword", "NoSuchKeyword")]
    [InlineData("emptyvaluematching=true&PatientID=%22%22", "PatientID")]
    public void What_is_not_honoured_is_named_in_a_warning(string raw, string named)
    {
        QidoQuery query = Parse(raw);

        Assert.Empty(query.Matches);
        Assert.Contains(named, Assert.Single(query.Warnings));
    }

    [Fact]
    public void A_parameter_that_is_no_attribute_name_is_not_repeated()
        => Assert.DoesNotContain("Doe", Assert.Single(Parse("Doe%5EJane=1").Warnings));

    [Theory]
    [InlineData("", 10, 0)]
    [InlineData("limit=5&offset=7", 5, 7)]
    [InlineData("limit=0", 0, 0)]
    [InlineData("limit=&offset=", 10, 0)]
    [InlineData("limit=1000", 100, 0)]
    [InlineData("limit=99999999999999999999&offset=99999999999999999999", 100, int.MaxValue)]
    public void Limit_is_capped_and_offset_is_taken(string raw, int limit, int offset)
    {
        QidoQuery query = Parse(raw);

        Assert.Equal((limit, offset), (query.Limit, query.Offset));
    }

    [Theory]
    [InlineData("includefield=StudyDescription,00080060&includefield=00081030")]
    [InlineData("includefield=00081030%2C00080060")]
    public void Includefields_come_repeated_or_in_lists_by_keyword_or_number(string raw)
        => Assert.Equal([DicomTag.StudyDescription, DicomTag.Modality], Parse(raw).Requested);

    [Fact]
    public void Includefield_all_and_fuzzymatching_are_flags()
    {
        QidoQuery query = Parse("includefield=all&fuzzymatching=true&multiplevaluematching=true");

        Assert.True(query.IncludeAll);
        Assert.True(query.FuzzyMatching);
        Assert.Empty(query.Warnings);
    }

    [Fact]
    public void Ten_warnings_are_the_most_and_the_last_but_one_counts_those_that_are_not_given()
    {
        QidoQuery query = Parse(
            string.Join('&', Enumerable.Range(0, 500).Select(number => $"Unknown{number}=1")) + "&includefield=NoSuchKeyword");

        Assert.Equal(9, query.Warnings.Count);
        Assert.Contains("Unknown7", query.Warnings[7]);
        Assert.StartsWith("493 more", query.Warnings[8]);
    }

    [Theory]
    [InlineData("a=1&", 513, "512 parameters")]
    [InlineData("includefield=00100010,00100020&", 257, "512 attributes")]
    [InlineData(
        "StudyInstanceUID=1.2,1.3,1.4,1.5,1.6,1.7,1.8,1.9,1.10,1.11,1.12,1.13,1.14,1.15,1.16,1.17,1.18,1.19,1.20,1.21,1.22,1.23&",
        455,
        "10000 values")]
    [InlineData("PatientID=P&", 65, "64 values")]
    [InlineData("PatientName=a%20b%20c%20d%20e*&", 52, "256 words")]
    public void More_than_a_search_takes_is_an_error_that_says_how_much_it_takes(string parameter, int count, string limit)
    {
        Assert.True(QidoQueryParser.TryParse(SearchLevel.Study, Repeat(count - 1), 10, 100, out _, out string? error), error);
        Assert.False(QidoQueryParser.TryParse(SearchLevel.Study, Repeat(count), 10, 100, out _, out error));
        Assert.Contains(limit, error);

        string Repeat(int times) => string.Concat(Enumerable.Repeat(parameter, times)).TrimEnd('&');
    }

    [Fact]
    public void A_key_of_more_characters_than_any_value_is_an_error()
    {
        Assert.False(
            QidoQueryParser.TryParse(SearchLevel.Study, "PatientName=" + new string('x', 1025), 10, 100, out _, out string? error));
        Assert.Contains("1024 characters", error);
        Parse("PatientName=" + new string('x', 1024));
    }

    private static QidoQuery Parse(string raw, SearchLevel level = SearchLevel.Study)
    {
        Assert.True(QidoQueryParser.TryParse(level, raw, 10, 100, out QidoQuery? query, out string? error), error);
        return query!;
    }

    private static string Describe(AttributeMatch match) => match switch
    {
        AttributeMatch.AnyOf any => $"{Name(any.Attribute)}={string.Join('|', any.Values)}",
        AttributeMatch.Wildcard wildcard => $"{Name(wildcard.Attribute)}~{wildcard.Pattern}",
        AttributeMatch.Range range => $"{Name(range.Attribute)}[{range.From}..{range.To}]",
        AttributeMatch.DateTimeRange range => $"{Name(range.Attribute)}+{Name(range.Time)}[{range.From}..{range.To}]",
        _ => "?",
    };

    private static string Name(SearchAttribute attribute)
        => DicomDictionary.TryGet(attribute.Path[^1], out DicomDictionaryEntry? entry) ? entry.Keyword : "?";
}
