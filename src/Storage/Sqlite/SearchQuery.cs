using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage;

/// <summary>Runs a search and reads its page.</summary>
internal static class SearchQuery
{
    public static SearchPage Run(SqliteSession reader, SearchRequest request)
    {
        List<SearchRow> rows = [];
        if (SearchSql.Build(request) is not { } sql)
        {
            return new SearchPage(rows, HasMore: false);
        }

        using SqliteDataReader results = reader.Statement(sql.Text, sql.Parameters.Count).Query([.. sql.Parameters]);
        while (results.Read())
        {
            if (rows.Count == request.Limit)
            {
                return new SearchPage(rows, HasMore: true);
            }

            rows.Add(Read(results, request.Level));
        }

        return new SearchPage(rows, HasMore: false);
    }

    private static SearchRow Read(SqliteDataReader results, SearchLevel level)
    {
        SearchRow study = new()
        {
            Study = new StudyInstanceUid(results.GetString(0)),
            Modalities = InstanceRow.Values(results, 1),
            StudySeriesCount = results.GetInt32(2),
            StudyInstanceCount = results.GetInt32(3),
            StudyAttributes = InstanceRow.Attributes(results, 4),
        };
        if (level == SearchLevel.Study)
        {
            return study;
        }

        SearchRow series = study with
        {
            Series = new SeriesInstanceUid(results.GetString(5)),
            SeriesInstanceCount = results.GetInt32(6),
            SeriesAttributes = InstanceRow.Attributes(results, 7),
        };
        return level == SearchLevel.Series ? series : series with
        {
            InstanceAttributes = InstanceRow.Attributes(results, 8),
            Metadata = InstanceRow.Blob(results, 9),
            Instance = InstanceRow.Read(results, 10),
        };
    }
}
