using System.Globalization;
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
        bool namesInstance = request.Matches.Any(match => match is AttributeMatch.AnyOf && match.Attribute == SearchAttributes.SOPInstanceUID);
        bool namesSeries = request.Series is not null || request.Matches.Any(match => match is AttributeMatch.AnyOf && match.Attribute == SearchAttributes.SeriesInstanceUID);
        return request.Level switch
        {
            SearchLevel.Study => StudyTable(request),
            SearchLevel.Series when namesSeries => "series r CROSS JOIN study s ON s.id = r.study_id",
            SearchLevel.Series => $"{StudyTable(request)} CROSS JOIN series r ON r.study_id = s.id",
            _ when namesInstance => "instance i CROSS JOIN series r ON r.id = i.series_id CROSS JOIN study s ON s.id = i.study_id",
            _ when namesSeries => "series r CROSS JOIN study s ON s.id = r.study_id CROSS JOIN instance i ON i.study_id = s.id AND i.series_id = r.id",
            _ => $"{StudyTable(request)} CROSS JOIN series r ON r.study_id = s.id CROSS JOIN instance i ON i.study_id = s.id AND i.series_id = r.id",
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

    /// <summary>A range from some day on, or of about two years: more would be read and sorted in vain when the newest studies fill the page.</summary>
    private static bool IsShort(string? from, string? to)
        => Year(from) is { } first && (to is null || Year(to) - first <= 2);

    private static int? Year(string? moment)
        => moment is { Length: >= 4 } && int.TryParse(moment.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out int year) ? year : null;

    private static string Order(SearchLevel level) => level switch
    {
        SearchLevel.Study => "s.id DESC",
        SearchLevel.Series => "s.id DESC, r.id",
        _ => "s.id DESC, r.id, i.id",
    };

    /// <summary>Of the rows of a page alone, by the index of patients.</summary>
    private static string PatientCounts(SearchRequest request)
        => !request.WithPatientCounts ? "NULL, NULL, NULL" : string.Join(", ", new[] { "count(*)", "sum(p.series_count)", "sum(p.instance_count)" }.Select(sum =>
            $"(SELECT {sum} FROM study p INDEXED BY study_by_patient WHERE p.provider = s.provider AND p.patient_id = s.patient_id AND p.is_visible = 1)"));

    private static string OuterTables(SearchRequest request)
    {
        const string Study = "CROSS JOIN study_attributes a ON a.study_id = s.id";
        string contents = request.WithMetadata ? "CROSS JOIN instance_content c ON c.instance_id = i.id" : "";
        return request.Level switch
        {
            SearchLevel.Study => $"CROSS JOIN study s ON s.id = page.id {Study}",
            SearchLevel.Series => $"CROSS JOIN series r ON r.id = page.id CROSS JOIN study s ON s.id = r.study_id {Study}",
            _ => $"CROSS JOIN instance i ON i.id = page.id CROSS JOIN series r ON r.id = i.series_id CROSS JOIN study s ON s.id = i.study_id {Study} {contents}",
        };
    }
}
