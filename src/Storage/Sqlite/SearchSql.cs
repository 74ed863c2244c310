using System.Globalization;
using System.Text;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>
/// The SQL of a search: an inner query finds the ids of one page on narrow rows, the outer one fetches what is returned for them. The join
/// order is fixed by CROSS JOIN, because without it a search that names no study may be planned from the largest table.
/// </summary>
internal static class SearchSql
{
    /// <summary>A condition of its own index: newer studies of the patient are found without reading any others.</summary>
    private const string IsNewestOfPatient = """
        (s.patient_id IS NULL OR NOT EXISTS (SELECT 1 FROM study n INDEXED BY study_by_patient
        WHERE n.provider = s.provider AND n.patient_id = s.patient_id AND n.is_visible = 1 AND n.id > s.id))
        """;

    private static readonly SqliteSearchDialect Dialect = new();

    /// <summary>Those that the index study_recent holds.</summary>
    private static readonly HashSet<SearchAttribute> RecentColumns =
    [
        SearchAttributes.StudyDate, SearchAttributes.StudyTime, SearchAttributes.ModalitiesInStudy, SearchAttributes.PatientName,
        SearchAttributes.PatientID, SearchAttributes.AccessionNumber, SearchAttributes.StudyDescription,
    ];

    /// <summary>Those by which an index leads straight to the studies.</summary>
    private static readonly HashSet<SearchAttribute> SelectiveColumns =
        [SearchAttributes.StudyInstanceUID, SearchAttributes.PatientID, SearchAttributes.AccessionNumber, SearchAttributes.StudyDate];

    /// <summary>Null when nothing can match.</summary>
    public static SearchStatement? Build(SearchRequest request)
    {
        SearchConditions conditions = SearchConditions.Of(request, Dialect, isVisible: "s.is_visible = 1", IsNewestOfPatient);
        if (conditions.MatchNothing)
        {
            return null;
        }

        string page = $"""
            SELECT {SearchConditions.Alias(request.Level)}.id AS id FROM {InnerTables(request)}
            WHERE {conditions.Sql}
            ORDER BY {Order(request.Level)} LIMIT {conditions.Parameter((long)request.Limit + 1)} OFFSET {conditions.Parameter(request.Offset)}
            """;
        string text = $"""
            SELECT {SearchRows.Columns(request, PatientCounts(request))}
            FROM ({page}) page {OuterTables(request)}
            ORDER BY {Order(request.Level)}
            """;
        return new SearchStatement(text, conditions.Parameters);
    }

    /// <summary>From the study down, or from the identity of the lowest level up where the search names it.</summary>
    private static string InnerTables(SearchRequest request)
    {
        bool namesInstance = request.Matches.Any(
            match => match is AttributeMatch.AnyOf && match.Attribute == SearchAttributes.SOPInstanceUID);
        bool namesSeries = request.Series is not null
            || request.Matches.Any(match => match is AttributeMatch.AnyOf && match.Attribute == SearchAttributes.SeriesInstanceUID);
        return request.Level switch
        {
            SearchLevel.Study => StudyTable(request),
            SearchLevel.Series when namesSeries => "series r CROSS JOIN study s ON s.id = r.study_id",
            SearchLevel.Series => $"{StudyTable(request)} CROSS JOIN series r ON r.study_id = s.id",
            _ when namesInstance => "instance i CROSS JOIN series r ON r.id = i.series_id CROSS JOIN study s ON s.id = i.study_id",
            _ when namesSeries =>
                "series r CROSS JOIN study s ON s.id = r.study_id CROSS JOIN instance i ON i.study_id = s.id AND i.series_id = r.id",
            _ => $"{StudyTable(
                request)} CROSS JOIN series r ON r.study_id = s.id CROSS JOIN instance i ON i.study_id = s.id AND i.series_id = r.id",
        };
    }

    /// <summary>
    /// Where a key selects by an index of its own, the planner finds it. Elsewhere studies are read from the newest on, which ends with the
    /// page; the planner, without statistics, would read and sort them all.
    /// </summary>
    private static string StudyTable(SearchRequest request)
    {
        AttributeMatch[] matches = [.. request.Matches.Where(match => match.Attribute.Level == SearchLevel.Study)];
        if (request.Study is not null || matches.Any(IsSelective))
        {
            return "study s";
        }

        return matches.All(match => RecentColumns.Contains(match.Attribute)) ? "study s INDEXED BY study_recent" : "study s NOT INDEXED";
    }

    private static bool IsSelective(AttributeMatch match) => match switch
    {
        AttributeMatch.AnyOf => SelectiveColumns.Contains(match.Attribute),
        AttributeMatch.Range range => range.Attribute == SearchAttributes.StudyDate && IsShort(range.From, range.To),
        AttributeMatch.DateTimeRange range => range.Attribute == SearchAttributes.StudyDate && IsShort(range.From, range.To),
        _ => false,
    };

    /// <summary>
    /// A range from some day on, or of about two years: more would be read and sorted in vain when the newest studies fill the page.
    /// </summary>
    private static bool IsShort(string? from, string? to)
        => Year(from) is { } first && (to is null || Year(to) - first <= 2);

    private static int? Year(string? moment)
        => moment is { Length: >= 4 } && int.TryParse(moment.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out int year)
            ? year
            : null;

    private static string Order(SearchLevel level) => level switch
    {
        SearchLevel.Study => "s.id DESC",
        SearchLevel.Series => "s.id DESC, r.id",
        _ => "s.id DESC, r.id, i.id",
    };

    /// <summary>Of the rows of a page alone, by the index of patients.</summary>
    private static string PatientCounts(SearchRequest request)
        => !request.WithPatientCounts
            ? "NULL, NULL, NULL"
            : string.Join(", ", new[] { "count(*)", "sum(p.series_count)", "sum(p.instance_count)" }.Select(sum =>
            $"(SELECT {sum} FROM study p INDEXED BY study_by_patient WHERE p.provider = s.provider AND p.patient_id = s.patient_id AND "
                + "p.is_visible = 1)"));

    private static string OuterTables(SearchRequest request)
    {
        const string Study = "CROSS JOIN study_attributes a ON a.study_id = s.id";
        string contents = request.WithMetadata ? "CROSS JOIN instance_content c ON c.instance_id = i.id" : "";
        return request.Level switch
        {
            SearchLevel.Study => $"CROSS JOIN study s ON s.id = page.id {Study}",
            SearchLevel.Series => $"CROSS JOIN series r ON r.id = page.id CROSS JOIN study s ON s.id = r.study_id {Study}",
            _ => "CROSS JOIN instance i ON i.id = page.id CROSS JOIN series r ON r.id = i.series_id CROSS JOIN study s ON s.id = "
                + $"i.study_id {Study} {contents}",
        };
    }
}

/// <summary>Looks into texts with GLOB, which minds the case.</summary>
internal sealed class SqliteSearchDialect : ISearchDialect
{
    private const char Delimiter = SearchValue.Delimiter;

    private static readonly string StudyUid = SearchConditions.Column(SearchAttributes.StudyInstanceUID);

    /// <summary>
    /// Of those an index of their own leads to the studies. The planner, which has no statistics, would rather read all studies from the
    /// newest on.
    /// </summary>
    private static readonly Dictionary<string, string> TextIndexes = new(StringComparer.Ordinal)
    {
        [SearchConditions.Column(SearchAttributes.PatientID)] = "study_by_patient",
        [SearchConditions.Column(SearchAttributes.AccessionNumber)] = "study_by_accession",
    };

    public string EqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values)
        => values.Count == 1 ? $"{column} = {conditions.Parameter(values[0])}"
            : column == StudyUid ? $"s.id IN ({StudiesWith(conditions, column, "study_identity", values)})"
            : $"{column} IN (SELECT value FROM json_each({conditions.Parameter(JsonList.Of(values))}))";

    public string TextEqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values)
    {
        string[] enclosed = SearchConditions.Enclosed(values);
        if (!TextIndexes.TryGetValue(column, out string? index))
        {
            return $"({EqualsAny(conditions, column, values)} OR ({HoldsSeveral(column)} AND {ContainsAny(conditions, column, enclosed)}))";
        }

        string studies = StudiesWith(conditions, column, index, values);
        string looked = LookedAt(column);
        return $"s.id IN ({studies} UNION ALL {Studies(
            "", index)} AND t.is_visible = 1 AND {HoldsSeveral(looked)} AND {ContainsAny(conditions, looked, enclosed)})";
    }

    public string ContainsAny(SearchConditions conditions, string column, IReadOnlyList<string> texts)
        => texts.Count == 1
            ? $"instr({column}, {conditions.Parameter(texts[0])}) > 0"
            : $"EXISTS (SELECT 1 FROM json_each({conditions.Parameter(
                JsonList.Of(texts))}) wanted WHERE instr({column}, wanted.value) > 0)";

    public string HoldsSeveral(string column) => $"{column} < ' '";

    public string Matches(SearchConditions conditions, string column, string pattern)
        => $"{column} GLOB {conditions.Parameter(Glob(pattern, anyOne: "?"))}";

    /// <summary>
    /// A '*' within the pattern could reach over the delimiter into the next value; then every value is looked at on its own.
    /// </summary>
    public string AnyValueMatches(SearchConditions conditions, string column, string pattern)
    {
        string glob = Glob($"*{Delimiter}{pattern}{Delimiter}*", anyOne: $"[^{Delimiter}]")
            .Replace($"*{Delimiter}*", "*", StringComparison.Ordinal);
        string condition = $"{column} GLOB {conditions.Parameter(glob)}";
        return pattern.Trim('*').Contains('*', StringComparison.Ordinal)
            ? $"{condition} AND {EnclosedValues.FunctionName}({column}, {conditions.Parameter(pattern)})"
            : condition;
    }

    /// <summary>Asks for the studies whose column is one of the values, each looked up in the index.</summary>
    private static string StudiesWith(SearchConditions conditions, string column, string index, IReadOnlyList<object> values)
    {
        bool isList = values.Count > 1;
        string parameter = conditions.Parameter(isList ? JsonList.Of(values) : values[0]);
        string studies = Studies(isList ? $"json_each({parameter}) wanted CROSS JOIN " : "", index);
        return $"{studies} AND t.is_visible = 1 AND {LookedAt(column)} = {(isList ? "wanted.value" : parameter)}";
    }

    private static string Studies(string list, string index)
        => $"SELECT t.id FROM {list}study t INDEXED BY {index} WHERE t.provider = {SearchConditions.Provider}";

    /// <summary>The column of the table that leads to the studies.</summary>
    private static string LookedAt(string column) => $"t.{column[(column.IndexOf('.', StringComparison.Ordinal) + 1)..]}";

    /// <summary>A DICOM pattern as a GLOB: the same two wildcards, and brackets that stand for themselves.</summary>
    private static string Glob(string pattern, string anyOne)
    {
        StringBuilder glob = new();
        foreach (char character in pattern)
        {
            glob.Append(character switch { '?' => anyOne, '[' => "[[]", _ => character.ToString() });
        }

        return glob.ToString();
    }
}
