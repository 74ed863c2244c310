using System.Globalization;
using System.Text;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Postgres.Search;

/// <summary>
/// The SQL of a search: an inner query finds the rows of one page on narrow columns, the outer one fetches what is returned for them. It is
/// planned with its values each time: how rare they are decides between reading the newest studies and looking values up.
/// </summary>
internal static class PostgresSearch
{
    /// <summary>Up to so many days, studies are looked up by their date; more are rather read from the newest on.</summary>
    private const int FewDays = 366;

    /// <summary>Of the rows of a page alone, by the index of patients.</summary>
    private static readonly string PatientCounts = $"""
        LEFT JOIN LATERAL (
            SELECT count(*) AS studies, sum(n.series_count)::bigint AS series, sum(n.instance_count)::bigint AS instances
            FROM study n WHERE n.provider = s.provider AND {PostgresSearchDialect.SameText("n.patient_id", "s.patient_id")} AND n.is_visible) p ON true
        """;

    private static readonly string IsNewestOfPatient = $"""
        (s.patient_id IS NULL OR NOT EXISTS (SELECT 1 FROM study n
        WHERE n.provider = s.provider AND {PostgresSearchDialect.SameText("n.patient_id", "s.patient_id")} AND n.is_visible AND n.id > s.id))
        """;

    private static readonly PostgresSearchDialect Dialect = new();

    private static readonly HashSet<SearchAttribute> SelectiveColumns =
        [SearchAttributes.StudyInstanceUID, SearchAttributes.PatientID, SearchAttributes.AccessionNumber, SearchAttributes.StudyDate];

    /// <summary>Null when nothing can match.</summary>
    public static SearchStatement? Build(SearchRequest request)
    {
        SearchConditions conditions = SearchConditions.Of(request, Dialect, isVisible: "s.is_visible", IsNewestOfPatient);
        if (conditions.MatchNothing)
        {
            return null;
        }

        string page = $"""
            SELECT {Keys(request.Level)} FROM {InnerTables(request)}
            WHERE {conditions.Sql}
            ORDER BY {Order(request)} LIMIT {conditions.Parameter((long)request.Limit + 1)} OFFSET {conditions.Parameter((long)request.Offset)}
            """;
        string patient = request.WithPatientCounts ? "p.studies, p.series, p.instances" : "NULL::bigint, NULL::bigint, NULL::bigint";
        string text = $"""
            SELECT {SearchRows.Columns(request, patient)}
            FROM ({page}) page {OuterTables(request)}
            ORDER BY {OuterOrder(request.Level)}
            """;
        return new SearchStatement(text, conditions.Parameters);
    }

    private static string Keys(SearchLevel level) => level switch
    {
        SearchLevel.Study => "s.id AS study_id",
        SearchLevel.Series => "s.id AS study_id, r.id AS series_id",
        _ => "s.id AS study_id, r.id AS series_id, i.sort_number, i.id",
    };

    /// <summary>
    /// From the study down, series by series: OFFSET 0 keeps the planner from starting at the instances, whose many parts make it expect
    /// the worst. Only where one is named they come first.
    /// </summary>
    private static string InnerTables(SearchRequest request)
    {
        const string Series = "study s JOIN series r ON r.study_id = s.id";
        bool namesInstance = request.Matches.Any(
            match => match is AttributeMatch.AnyOf { Values.Count: > 0 } && match.Attribute == SearchAttributes.SOPInstanceUID);
        return request.Level switch
        {
            SearchLevel.Study => "study s",
            SearchLevel.Series => Series,
            _ when namesInstance => $"{Series} JOIN instance i ON i.study_id = s.id AND i.series_id = r.id",
            _ => $"{Series} CROSS JOIN LATERAL (SELECT * FROM instance n WHERE n.study_id = s.id AND n.series_id = r.id OFFSET 0) i",
        };
    }

    /// <summary>
    /// Where a key leads to few studies, the order is an expression that no index holds: the planner cannot know that matches of an old
    /// date stand far behind, and would read all newer studies to spare itself a small sort.
    /// </summary>
    private static string Order(SearchRequest request)
    {
        bool isSelective = request.Study is not null || request.Series is not null || request.Matches.Any(IsSelective);
        string study = isSelective ? "s.id + 0 DESC" : "s.id DESC";
        return request.Level switch
        {
            SearchLevel.Study => study,
            SearchLevel.Series => $"{study}, r.id",
            _ => $"{study}, r.id, i.id",
        };
    }

    private static bool IsSelective(AttributeMatch match) => match switch
    {
        AttributeMatch.AnyOf any => any.Values.Count > 0
            && (SelectiveColumns.Contains(any.Attribute)
                || any.Attribute == SearchAttributes.SeriesInstanceUID
                || any.Attribute == SearchAttributes.SOPInstanceUID),
        AttributeMatch.Range range => range.Attribute == SearchAttributes.StudyDate && IsShort(range.From, range.To),
        AttributeMatch.DateTimeRange range => range.Attribute == SearchAttributes.StudyDate && IsShort(range.From, range.To),
        _ => false,
    };

    private static bool IsShort(string? from, string? to) => Day(from) is { } first && Day(to) is { } last && last - first <= FewDays;

    private static int? Day(string? moment)
        => moment is { Length: >= 8 }
            && DateOnly.TryParseExact(moment.AsSpan(0, 8), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day)
            ? day.DayNumber
            : null;

    private static string OuterOrder(SearchLevel level) => level switch
    {
        SearchLevel.Study => "page.study_id DESC",
        SearchLevel.Series => "page.study_id DESC, page.series_id",
        _ => "page.study_id DESC, page.series_id, page.id",
    };

    private static string OuterTables(SearchRequest request)
    {
        const string Study = "JOIN study s ON s.id = page.study_id JOIN study_attributes a ON a.study_id = page.study_id";
        const string Series = "JOIN series r ON r.id = page.series_id";
        const string Instance =
            "JOIN instance i ON i.study_id = page.study_id AND i.series_id = page.series_id AND i.sort_number = page.sort_number AND i.id "
                + "= page.id";
        string contents = request.WithMetadata ? "JOIN instance_content c ON c.study_id = page.study_id AND c.instance_id = page.id" : "";
        string tables = request.Level switch
        {
            SearchLevel.Study => Study,
            SearchLevel.Series => $"{Study} {Series}",
            _ => $"{Study} {Series} {Instance} {contents}",
        };
        return request.WithPatientCounts ? $"{tables} {PatientCounts}" : tables;
    }
}

/// <summary>Looks into texts with LIKE, which trigrams and, for a prefix, ordinary indexes answer.</summary>
internal sealed class PostgresSearchDialect : ISearchDialect
{
    private const char Delimiter = SearchValue.Delimiter;

    /// <summary>The most characters of a text that an ordinary index holds; entries of any length would not fit.</summary>
    private const int IndexedCharacters = 300;

    /// <summary>The texts with an ordinary index, of their first characters.</summary>
    private static readonly HashSet<string> IndexedColumns =
        [.. new[] { SearchAttributes.PatientID, SearchAttributes.AccessionNumber, SearchAttributes.StudyID }.Select(
            SearchConditions.Column)];

    public string EqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values)
        => IndexedColumns.Contains(column)
            ? $"({Equal(
                conditions,
                IndexedPart(column),
                [.. values.Select(value => FirstCharacters((string)value)).Distinct()])} AND {Equal(conditions, column, values)})"
            : Equal(conditions, column, values);

    public string TextEqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values)
        => $"({EqualsAny(conditions, column, values)} OR ({HoldsSeveral(
            column)} AND {ContainsAny(conditions, column, SearchConditions.Enclosed(values))}))";

    public string ContainsAny(SearchConditions conditions, string column, IReadOnlyList<string> texts)
    {
        string[] patterns = [.. texts.Select(text => $"%{Like(text, areWildcards: false)}%")];
        return patterns.Length == 1
            ? $"{column} LIKE {conditions.Parameter(patterns[0])}"
            : $"{column} LIKE ANY ({conditions.Parameter(patterns)})";
    }

    public string HoldsSeveral(string column) => $"{(IndexedColumns.Contains(column) ? IndexedPart(column) : column)} < ' '";

    /// <summary>The rows of one text with an ordinary index are found by it.</summary>
    public static string SameText(string column, string other) => $"({IndexedPart(column)} = {IndexedPart(other)} AND {column} = {other})";

    public string Matches(SearchConditions conditions, string column, string pattern)
        => $"{column}::text LIKE {conditions.Parameter(Like(pattern, areWildcards: true))}";

    /// <summary>
    /// LIKE, which an index answers, lets a wildcard reach over the delimiter; the regular expression decides where that makes a
    /// difference.
    /// </summary>
    public string AnyValueMatches(SearchConditions conditions, string column, string pattern)
    {
        string like = Like($"*{Delimiter}{pattern}{Delimiter}*", areWildcards: true).Replace(
            $"%{Delimiter}%", "%", StringComparison.Ordinal);
        string condition = $"{column} LIKE {conditions.Parameter(like)}";
        return pattern.Trim('*').AsSpan().ContainsAny('*', '?')
            ? $"{condition} AND {column} ~ {conditions.Parameter(Expression(pattern))}"
            : condition;
    }

    private static string Equal(SearchConditions conditions, string column, IReadOnlyList<object> values)
        => values.Count == 1 ? $"{column} = {conditions.Parameter(values[0])}"
            : values[0] is string ? $"{column} = ANY ({conditions.Parameter(values.Cast<string>().ToArray())})"
            : $"{column} = ANY ({conditions.Parameter(values.Cast<long>().ToArray())})";

    private static string IndexedPart(string column) => string.Create(CultureInfo.InvariantCulture, $"left({column}, {IndexedCharacters})");

    /// <summary>As <c>left</c> counts them.</summary>
    private static object FirstCharacters(string text)
        => text.Length <= IndexedCharacters
            ? text
            : string.Concat(text.EnumerateRunes().Take(IndexedCharacters).Select(rune => rune.ToString()));

    private static string Like(string pattern, bool areWildcards)
    {
        StringBuilder like = new();
        foreach (char character in pattern)
        {
            like.Append(character switch
            {
                '*' when areWildcards => "%",
                '?' when areWildcards => "_",
                '%' => "\\%",
                '_' => "\\_",
                '\\' => "\\\\",
                _ => character.ToString(),
            });
        }

        return like.ToString();
    }

    private static string Expression(string pattern)
    {
        StringBuilder expression = new();
        expression.Append(Delimiter);
        foreach (char character in pattern)
        {
            expression.Append(character switch
            {
                '*' => $"[^{Delimiter}]*",
                '?' => $"[^{Delimiter}]",
                _ when char.IsAscii(character) && !char.IsAsciiLetterOrDigit(character) => $"\\{character}",
                _ => character.ToString(),
            });
        }

        return expression.Append(Delimiter).ToString();
    }
}
