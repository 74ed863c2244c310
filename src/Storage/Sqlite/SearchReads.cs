using System.Globalization;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Reads what searches ask for.</summary>
internal static class SearchReads
{
    /// <summary>One statement for all instances, by the index of SOP Instance UIDs.</summary>
    internal const string InstancesSql = $"""
        SELECT {InstanceRow.Columns}
        FROM json_each($2) wanted
        CROSS JOIN instance i ON i.sop_uid = wanted.value
        CROSS JOIN series r ON r.id = i.series_id
        CROSS JOIN study s ON s.id = i.study_id
        WHERE s.provider = $1
        """;

    /// <summary>Runs a search and reads its page.</summary>
    public static SearchPage Run(SqliteSession reader, SearchRequest request, BlobReader blobs)
    {
        SearchRows page = new(request, blobs);
        if (SearchSql.Build(request) is { } sql)
        {
            using SqliteDataReader results = reader.Statement(sql.Text, sql.Parameters.Count).Query([.. sql.Parameters]);
            while (results.Read() && page.Add(results))
            {
            }
        }

        return page.ToPage();
    }

    /// <summary>Finds instances whose study is not named.</summary>
    public static IReadOnlyList<InstanceState> FindInstances(SqliteSession reader, ProviderName provider, string[] sopUids)
    {
        List<InstanceState> instances = [];
        using SqliteDataReader rows = reader.Statement(InstancesSql, 2).Query(provider.Value, JsonList.Of(sopUids));
        while (rows.Read())
        {
            instances.Add(InstanceRow.Read(rows, 0));
        }

        return instances;
    }
}

/// <summary>Builds the SQL of searches.</summary>
/// <remarks>CROSS JOIN fixes the order of joins. Without it, a search that names no study may be planned from the largest table.</remarks>
internal static class SearchSql
{
    /// <summary>Has an index of its own: newer studies of the patient are found without reading any other study.</summary>
    private const string IsNewestOfPatient = """
        (s.patient_id IS NULL OR NOT EXISTS (SELECT 1 FROM study n INDEXED BY study_by_patient
        WHERE n.provider = s.provider AND n.patient_id = s.patient_id AND n.is_visible = 1 AND n.id > s.id))
        """;

    private static readonly SqliteSearchDialect Dialect = new();

    /// <summary>The attributes that the index study_recent holds.</summary>
    private static readonly HashSet<SearchAttribute> RecentColumns =
    [
        SearchAttributes.StudyDate, SearchAttributes.StudyTime, SearchAttributes.ModalitiesInStudy, SearchAttributes.PatientName,
        SearchAttributes.PatientID, SearchAttributes.AccessionNumber, SearchAttributes.StudyDescription,
    ];

    /// <summary>Builds the statement; returns null if nothing can match.</summary>
    public static SearchStatement? Build(SearchRequest request) => SearchStatement.Build(request, Dialect, new SearchTables
    {
        IsVisible = "s.is_visible = 1",
        IsNewestOfPatient = IsNewestOfPatient,
        Keys = $"{SearchConditions.Alias(request.Level)}.id AS id",
        Inner = InnerTables(request),
        InnerOrder = Order(request.Level),
        PatientCounts = PatientCounts(request),
        Outer = OuterTables(request),
        OuterOrder = Order(request.Level),
    });

    /// <summary>Joins from the study down, or from the lowest level up if the search names an identity there.</summary>
    private static string InnerTables(SearchRequest request)
    {
        bool namesInstance = SearchStatement.Names(request, SearchAttributes.SOPInstanceUID);
        bool namesSeries = request.Series is not null || SearchStatement.Names(request, SearchAttributes.SeriesInstanceUID);
        return request.Level switch
        {
            SearchLevel.Study => StudyTable(request),
            SearchLevel.Series when namesSeries => "series r CROSS JOIN study s ON s.id = r.study_id",
            SearchLevel.Series => $"{StudyTable(request)} CROSS JOIN series r ON r.study_id = s.id",
            _ when namesInstance => "instance i CROSS JOIN series r ON r.id = i.series_id CROSS JOIN study s ON s.id = i.study_id",
            _ when namesSeries =>
                "series r CROSS JOIN study s ON s.id = r.study_id CROSS JOIN instance i ON i.study_id = s.id AND i.series_id = r.id",
            _ => $"{StudyTable(request)} CROSS JOIN series r ON r.study_id = s.id "
                + "CROSS JOIN instance i ON i.study_id = s.id AND i.series_id = r.id",
        };
    }

    /// <summary>Returns the study table with a hint for the planner.</summary>
    /// <remarks>
    /// The planner finds the index of a selective key. Without such a key, studies are read from the newest on, which ends with the page.
    /// The planner, without statistics, would read and sort all studies.
    /// </remarks>
    private static string StudyTable(SearchRequest request)
    {
        AttributeMatch[] matches = [.. request.Matches.Where(match => match.Attribute.Level == SearchLevel.Study)];
        if (request.Study is not null || matches.Any(match => SearchStatement.IsSelective(match, IsShort)))
        {
            return "study s";
        }

        return matches.All(match => RecentColumns.Contains(match.Attribute)) ? "study s INDEXED BY study_recent" : "study s NOT INDEXED";
    }

    /// <summary>Accepts ranges of about two years, and ranges without an end.</summary>
    /// <remarks>If the newest studies fill the page, reading and sorting a longer range would be wasted.</remarks>
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

    /// <summary>Counts for the rows of a page only, by the index of patients.</summary>
    private static string PatientCounts(SearchRequest request)
    {
        string[] sums = ["count(*)", "sum(p.series_count)", "sum(p.instance_count)"];
        return !request.WithPatientCounts ? "NULL, NULL, NULL" : string.Join(", ", sums.Select(sum => $"""
            (SELECT {sum} FROM study p INDEXED BY study_by_patient
            WHERE p.provider = s.provider AND p.patient_id = s.patient_id AND p.is_visible = 1)
            """));
    }

    private static string OuterTables(SearchRequest request)
    {
        const string Study = "CROSS JOIN study_attributes a ON a.study_id = s.id";
        string contents = request.WithMetadata ? "CROSS JOIN instance_content c ON c.instance_id = i.id" : "";
        return request.Level switch
        {
            SearchLevel.Study => $"CROSS JOIN study s ON s.id = page.id {Study}",
            SearchLevel.Series => $"CROSS JOIN series r ON r.id = page.id CROSS JOIN study s ON s.id = r.study_id {Study}",
            _ => "CROSS JOIN instance i ON i.id = page.id CROSS JOIN series r ON r.id = i.series_id "
                + $"CROSS JOIN study s ON s.id = i.study_id {Study} {contents}",
        };
    }
}
