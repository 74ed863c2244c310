using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>What the grains read.</summary>
internal static class StateQueries
{
    private const string StudySql = $"""
        SELECT s.id, {StateRow.StudyColumns}
        FROM study s JOIN study_attributes a ON a.study_id = s.id
        WHERE s.study_uid = $1 AND s.provider = $2
        """;

    private const string SeriesSql = $"SELECT {StateRow.SeriesColumns} FROM series r WHERE r.study_id = $1 ORDER BY r.id";

    private const string InstanceSql = $"""
        SELECT {InstanceRow.Columns}
        FROM study s
        CROSS JOIN series r ON r.study_id = s.id AND r.series_uid = $3
        CROSS JOIN instance i ON i.series_id = r.id AND i.sop_uid = $4
        WHERE s.study_uid = $1 AND s.provider = $2
        """;

    private const string InstancesSql = $"""
        SELECT {InstanceRow.Columns}
        FROM study s
        CROSS JOIN series r ON r.study_id = s.id AND ($3 IS NULL OR r.series_uid = $3)
        CROSS JOIN instance i ON i.study_id = s.id AND i.series_id = r.id
        WHERE s.study_uid = $1 AND s.provider = $2
        ORDER BY r.id, i.sort_number, i.id
        """;

    public static StudyState? LoadStudy(SqliteSession reader, StudyKey key) => reader.InSnapshot(() =>
    {
        using SqliteDataReader rows = reader.Statement(StudySql, 2).Query(key.Study.Value, key.Provider.Value);
        return rows.Read() ? StateRow.Study(rows, 1, key) with { Series = LoadSeries(reader, rows.GetInt64(0)) } : null;
    });

    public static IReadOnlyList<InstanceState> LoadInstances(SqliteSession reader, StudyKey key, IReadOnlyCollection<InstanceId> ids)
        => reader.InSnapshot(() =>
        {
            List<InstanceState> instances = [];
            SqliteStatement statement = reader.Statement(InstanceSql, 4);
            foreach (InstanceId id in ids)
            {
                using SqliteDataReader rows = statement.Query(key.Study.Value, key.Provider.Value, id.Series.Value, id.Sop.Value);
                ReadInstances(rows, instances);
            }

            return instances;
        });

    public static IReadOnlyList<InstanceState> ListInstances(SqliteSession reader, StudyKey key, SeriesInstanceUid? series)
    {
        List<InstanceState> instances = [];
        using SqliteDataReader rows = reader.Statement(InstancesSql, 3).Query(key.Study.Value, key.Provider.Value, series?.Value);
        ReadInstances(rows, instances);
        return instances;
    }

    private static List<SeriesState> LoadSeries(SqliteSession reader, long studyId)
    {
        List<SeriesState> series = [];
        using SqliteDataReader rows = reader.Statement(SeriesSql, 1).Query(studyId);
        while (rows.Read())
        {
            series.Add(StateRow.Series(rows));
        }

        return series;
    }

    private static void ReadInstances(SqliteDataReader rows, List<InstanceState> instances)
    {
        while (rows.Read())
        {
            instances.Add(InstanceRow.Read(rows, 0));
        }
    }
}
