using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite.Revisions;

/// <summary>What closing a revision reads.</summary>
internal static class RevisionQueries
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
            SELECT 1 FROM series r JOIN instance i ON i.series_id = r.id WHERE r.study_id = s.id AND r.series_uid = d.series_uid AND i.sop_uid = d.sop_uid)
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
