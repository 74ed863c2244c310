using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Reads the state of studies and instances for the grains.</summary>
internal static class StateReads
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

/// <summary>Reads what closing a revision needs.</summary>
internal static class RevisionReads
{
    private const string InstancesSql = $"""
        SELECT {RevisionRow.InstanceColumns}
        FROM study s
        CROSS JOIN instance i ON i.study_id = s.id
        CROSS JOIN series r ON r.id = i.series_id
        WHERE s.study_uid = $1 AND s.provider = $2
        ORDER BY i.series_id, i.sort_number, i.id
        """;

    private const string DeletedSql = """
        SELECT d.series_uid, d.sop_uid
        FROM study s
        CROSS JOIN deleted_instance d ON d.study_id = s.id AND d.revision = $3
        WHERE s.study_uid = $1 AND s.provider = $2 AND NOT EXISTS (
            SELECT 1 FROM series r JOIN instance i ON i.series_id = r.id
            WHERE r.study_id = s.id AND r.series_uid = d.series_uid AND i.sop_uid = d.sop_uid)
        ORDER BY d.series_uid, d.sop_uid
        """;

    private const string BeforeSql = """
        SELECT v.data
        FROM study s
        CROSS JOIN study_revision v ON v.study_id = s.id AND v.revision = $3
        WHERE s.study_uid = $1 AND s.provider = $2
        """;

    public static RevisionContent LoadContent(SqliteSession session, StudyKey key, int revision) => session.InSnapshot(() =>
    {
        List<RevisionInstance> instances = [];
        using (SqliteDataReader rows = session.Statement(InstancesSql, 2).Query(key.Study.Value, key.Provider.Value))
        {
            while (rows.Read())
            {
                instances.Add(RevisionRow.Instance(rows));
            }
        }

        List<InstanceId> deleted = [];
        using (SqliteDataReader rows = session.Statement(DeletedSql, 3).Query(key.Study.Value, key.Provider.Value, revision))
        {
            while (rows.Read())
            {
                deleted.Add(RevisionRow.Id(rows));
            }
        }

        return new RevisionContent(instances, deleted, deleted.Count == 0 ? default : LoadBefore(session, key, revision - 1));
    });

    private static ReadOnlyMemory<byte> LoadBefore(SqliteSession session, StudyKey key, int revision)
    {
        using SqliteDataReader rows = session.Statement(BeforeSql, 3).Query(key.Study.Value, key.Provider.Value, revision);
        return rows.Read() ? rows.GetFieldValue<byte[]>(0) : default;
    }
}
