using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage;

/// <summary>Runs a search and reads its page.</summary>
internal static class SearchQuery
{
    private const int PatientCount = 6;
    private const int SeriesId = 9;
    private const int InstanceId = 13;

    public static SearchPage Run(SqliteSession reader, SearchRequest request)
    {
        List<SearchRow> rows = [];
        if (SearchSql.Build(request) is not { } sql)
        {
            return new SearchPage(rows, HasMore: false);
        }

        using SqliteDataReader results = reader.Statement(sql.Text, sql.Parameters.Count).Query([.. sql.Parameters]);
        SearchPosition? end = null;
        while (results.Read())
        {
            if (rows.Count == request.Limit)
            {
                return new SearchPage(rows, HasMore: true) { End = end };
            }

            rows.Add(Read(results, request.Level));
            end = Position(results, request.Level);
        }

        return new SearchPage(rows, HasMore: false) { End = end };
    }

    private static SearchRow Read(SqliteDataReader results, SearchLevel level)
    {
        SearchRow study = new()
        {
            Study = new StudyInstanceUid(results.GetString(1)),
            Modalities = InstanceRow.Values(results, 2),
            StudySeriesCount = results.GetInt32(3),
            StudyInstanceCount = results.GetInt32(4),
            StudyAttributes = InstanceRow.Attributes(results, 5),
            Patient = Patient(results),
        };
        if (level == SearchLevel.Study)
        {
            return study;
        }

        SearchRow series = study with
        {
            Series = new SeriesInstanceUid(results.GetString(SeriesId + 1)),
            SeriesInstanceCount = results.GetInt32(SeriesId + 2),
            SeriesAttributes = InstanceRow.Attributes(results, SeriesId + 3),
        };
        return level == SearchLevel.Series ? series : series with
        {
            InstanceAttributes = InstanceRow.Attributes(results, InstanceId + 1),
            Metadata = InstanceRow.Blob(results, InstanceId + 2),
            Instance = InstanceRow.Read(results, InstanceId + 3),
        };
    }

    /// <summary>A study without Patient ID is of nobody's, and counts nothing.</summary>
    private static PatientCounts? Patient(SqliteDataReader results)
        => results.IsDBNull(PatientCount) || results.GetInt32(PatientCount) == 0 ? null
            : new PatientCounts(results.GetInt32(PatientCount), results.GetInt32(PatientCount + 1), results.GetInt32(PatientCount + 2));

    private static SearchPosition Position(SqliteDataReader results, SearchLevel level) => new(
        results.GetInt64(0),
        level == SearchLevel.Study ? 0 : results.GetInt64(SeriesId),
        level == SearchLevel.Instance ? results.GetInt64(InstanceId) : 0);
}
