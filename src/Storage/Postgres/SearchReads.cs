using System.Globalization;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Reads what searches ask for.</summary>
internal static class SearchReads
{
    /// <summary>One statement for all instances, by the index of SOP Instance UIDs of each part of the table.</summary>
    internal const string InstancesSql = $"""
        SELECT {InstanceRow.Columns}
        FROM unnest($2::text[]) AS wanted (sop_uid)
        JOIN instance i ON i.sop_uid = wanted.sop_uid
        JOIN series r ON r.id = i.series_id
        JOIN study s ON s.id = i.study_id
        WHERE s.provider = $1
        """;

    /// <summary>Runs a search and reads its page.</summary>
    public static async Task<SearchPage> RunAsync(
        NpgsqlConnection connection, SearchRequest request, BlobReader blobs, CancellationToken cancellationToken)
    {
        SearchRows page = new(request, blobs);
        if (SearchSql.Build(request) is { } sql)
        {
            await using NpgsqlCommand command = new NpgsqlCommand(sql.Text, connection).WithValues(sql.Parameters);
            await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false) && page.Add(rows))
            {
            }
        }

        return page.ToPage();
    }

    /// <summary>Finds instances whose study is not named.</summary>
    public static async Task<IReadOnlyList<InstanceState>> FindInstancesAsync(
        NpgsqlConnection connection, ProviderName provider, string[] sopUids, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand(InstancesSql, connection).With(provider.Value).With(sopUids);
        return await StateReads.ReadInstancesAsync(command, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Builds the SQL of searches.</summary>
/// <remarks>
/// A search is planned with its values each time. How rare they are decides between reading the newest studies and looking values up.
/// </remarks>
internal static class SearchSql
{
    /// <summary>Up to so many days, studies are looked up by date; for more days they are read from the newest on.</summary>
    private const int FewDays = 366;

    /// <summary>Counts for the rows of a page only, by the index of patients.</summary>
    private static readonly string PatientCounts = $"""
        LEFT JOIN LATERAL (
            SELECT count(*) AS studies, sum(n.series_count)::bigint AS series, sum(n.instance_count)::bigint AS instances
            FROM study n
            WHERE n.provider = s.provider AND {PostgresSearchDialect.SameText("n.patient_id", "s.patient_id")} AND n.is_visible) p ON true
        """;

    private static readonly string IsNewestOfPatient = $"""
        (s.patient_id IS NULL OR NOT EXISTS (SELECT 1 FROM study n
        WHERE n.provider = s.provider AND {PostgresSearchDialect.SameText("n.patient_id", "s.patient_id")}
            AND n.is_visible AND n.id > s.id))
        """;

    private static readonly PostgresSearchDialect Dialect = new();

    /// <summary>Builds the statement; returns null if nothing can match.</summary>
    public static SearchStatement? Build(SearchRequest request) => SearchStatement.Build(request, Dialect, new SearchTables
    {
        IsVisible = "s.is_visible",
        IsNewestOfPatient = IsNewestOfPatient,
        Keys = Keys(request.Level),
        Inner = InnerTables(request),
        InnerOrder = Order(request),
        PatientCounts = request.WithPatientCounts ? "p.studies, p.series, p.instances" : "NULL::bigint, NULL::bigint, NULL::bigint",
        Outer = OuterTables(request),
        OuterOrder = OuterOrder(request.Level),
    });

    private static string Keys(SearchLevel level) => level switch
    {
        SearchLevel.Study => "s.id AS study_id",
        SearchLevel.Series => "s.id AS study_id, r.id AS series_id",
        _ => "s.id AS study_id, r.id AS series_id, i.sort_number, i.id",
    };

    /// <summary>Joins from the study down, series by series.</summary>
    /// <remarks>
    /// OFFSET 0 keeps the planner from starting at the instances, whose many parts make it expect the worst. Instances come first only if
    /// one is named.
    /// </remarks>
    private static string InnerTables(SearchRequest request)
    {
        const string Series = "study s JOIN series r ON r.study_id = s.id";
        return request.Level switch
        {
            SearchLevel.Study => "study s",
            SearchLevel.Series => Series,
            _ when SearchStatement.Names(request, SearchAttributes.SOPInstanceUID) =>
                $"{Series} JOIN instance i ON i.study_id = s.id AND i.series_id = r.id",
            _ => $"{Series} CROSS JOIN LATERAL (SELECT * FROM instance n WHERE n.study_id = s.id AND n.series_id = r.id OFFSET 0) i",
        };
    }

    /// <summary>Returns the order of the rows.</summary>
    /// <remarks>
    /// If a key leads to few studies, the order is an expression that no index holds. The planner cannot know that matches of an old date
    /// stand far behind. It would read all newer studies to avoid a small sort.
    /// </remarks>
    private static string Order(SearchRequest request)
    {
        bool isSelective = request.Study is not null
            || request.Series is not null
            || SearchStatement.Names(request, SearchAttributes.SeriesInstanceUID)
            || SearchStatement.Names(request, SearchAttributes.SOPInstanceUID)
            || request.Matches.Any(match => SearchStatement.IsSelective(match, IsShort));
        string study = isSelective ? "s.id + 0 DESC" : "s.id DESC";
        return request.Level switch
        {
            SearchLevel.Study => study,
            SearchLevel.Series => $"{study}, r.id",
            _ => $"{study}, r.id, i.id",
        };
    }

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
            "JOIN instance i ON i.study_id = page.study_id AND i.series_id = page.series_id "
                + "AND i.sort_number = page.sort_number AND i.id = page.id";
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
