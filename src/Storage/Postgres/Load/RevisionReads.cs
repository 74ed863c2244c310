using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Revisions;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres.Load;

/// <summary>What closing a revision reads.</summary>
internal static class RevisionReads
{
    private const string InstancesSql = $"""
        SELECT {RevisionRow.InstanceColumns}
        FROM study s
        JOIN instance i ON i.study_id = s.id
        JOIN series r ON r.id = i.series_id
        WHERE s.study_uid = $1 AND s.provider = $2
        ORDER BY i.series_id, i.sort_number, i.id
        """;

    private const string DeletedSql = """
        SELECT d.series_uid, d.sop_uid
        FROM study s
        JOIN deleted_instance d ON d.study_id = s.id AND d.revision = $3
        WHERE s.study_uid = $1 AND s.provider = $2 AND NOT EXISTS (
            SELECT 1 FROM series r JOIN instance i ON i.series_id = r.id AND i.study_id = r.study_id
            WHERE r.study_id = s.id AND r.series_uid = d.series_uid AND i.sop_uid = d.sop_uid)
        ORDER BY d.series_uid, d.sop_uid
        """;

    private const string BeforeSql = """
        SELECT v.data
        FROM study s
        JOIN study_revision v ON v.study_id = s.id AND v.revision = $3 - 1
        WHERE s.study_uid = $1 AND s.provider = $2 AND EXISTS (SELECT 1 FROM deleted_instance d WHERE d.study_id = s.id AND d.revision = $3)
        """;

    public static async Task<RevisionContent> LoadContentAsync(
        NpgsqlConnection connection, StudyKey key, int revision, CancellationToken cancellationToken)
    {
        await using NpgsqlBatch batch = new(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(InstancesSql).With(key.Study.Value).With(key.Provider.Value));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(DeletedSql).With(key.Study.Value).With(key.Provider.Value).With(revision));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(BeforeSql).With(key.Study.Value).With(key.Provider.Value).With(revision));
        await using NpgsqlDataReader rows = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        List<RevisionInstance> instances = [];
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            instances.Add(RevisionRow.Instance(rows));
        }

        await rows.NextResultAsync(cancellationToken).ConfigureAwait(false);
        List<InstanceId> deleted = [];
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            deleted.Add(RevisionRow.Id(rows));
        }

        await rows.NextResultAsync(cancellationToken).ConfigureAwait(false);
        bool hasBefore = await rows.ReadAsync(cancellationToken).ConfigureAwait(false) && deleted.Count > 0;
        return new RevisionContent(instances, deleted, hasBefore ? InstanceRow.Blob(rows, 0) : default);
    }
}
