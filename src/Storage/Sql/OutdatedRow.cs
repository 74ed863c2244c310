using System.Data.Common;
using System.Globalization;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Storage.Sql;

/// <summary>A study or series row with index values by older rules, and its new values.</summary>
/// <param name="Id">The row.</param>
/// <param name="StudyId">Its study.</param>
/// <param name="Version">The version of the study when the attributes were read: only this version takes the values.</param>
/// <param name="Values">In the order of <see cref="SearchIndexValues.Columns"/>.</param>
internal sealed record OutdatedRow(long Id, long StudyId, long Version, object?[] Values)
{
    /// <summary>Returns the query for the newest rows, at most <c>$1</c>.</summary>
    /// <param name="level">Studies or series.</param>
    /// <param name="hint">Stands after the table of the rows, for a store that needs to be told the index.</param>
    public static string Sql(SearchLevel level, string hint = "")
    {
        string outdated = string.Create(CultureInfo.InvariantCulture, $"index_generation < {SearchIndexValues.Generation}");
        return level == SearchLevel.Study
            ? $"""
                SELECT s.id, s.id, s.version, a.attributes FROM study s {hint} JOIN study_attributes a ON a.study_id = s.id
                WHERE s.{outdated} ORDER BY s.id DESC LIMIT $1
                """
            : $"""
                SELECT r.id, r.study_id, s.version, r.attributes FROM series r {hint} JOIN study s ON s.id = r.study_id
                WHERE r.{outdated} ORDER BY r.id DESC LIMIT $1
                """;
    }

    /// <summary>Counts them at both levels.</summary>
    public static string CountSql { get; } = string.Create(CultureInfo.InvariantCulture, $"""
        SELECT (SELECT count(*) FROM study WHERE index_generation < {SearchIndexValues.Generation})
            + (SELECT count(*) FROM series WHERE index_generation < {SearchIndexValues.Generation})
        """);

    public static OutdatedRow Read(DbDataReader rows, SearchLevel level)
        => new(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), SearchIndexValues.Read(level, InstanceRow.Attributes(rows, 3)));
}
