using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Reads the state of studies and instances for the grains.</summary>
/// <remarks>
/// Statements of one batch may see different moments. Rows that are read after the study row can only be newer than its version, and the
/// next commit notices that.
/// </remarks>
internal static class StateReads
{
    private const string StudySql = $"""
        SELECT {StateRow.StudyColumns}
        FROM study s JOIN study_attributes a ON a.study_id = s.id
        WHERE s.study_uid = $1 AND s.provider = $2
        """;

    private const string SeriesSql = $"""
        SELECT {StateRow.SeriesColumns}
        FROM study s JOIN series r ON r.study_id = s.id
        WHERE s.study_uid = $1 AND s.provider = $2
        ORDER BY r.id
        """;

    private const string InstancesSql = $"""
        SELECT {InstanceRow.Columns}
        FROM study s
        JOIN unnest($3::text[], $4::text[]) AS wanted (series_uid, sop_uid) ON true
        JOIN series r ON r.study_id = s.id AND r.series_uid = wanted.series_uid
        JOIN instance i ON i.study_id = s.id AND i.series_id = r.id AND i.sop_uid = wanted.sop_uid
        WHERE s.study_uid = $1 AND s.provider = $2
        """;

    private const string ListSql = $"""
        SELECT {InstanceRow.Columns}
        FROM study s
        JOIN series r ON r.study_id = s.id AND ($3::text IS NULL OR r.series_uid = $3)
        JOIN instance i ON i.study_id = s.id AND i.series_id = r.id
        WHERE s.study_uid = $1 AND s.provider = $2
        ORDER BY r.id, i.sort_number, i.id
        """;

    public static async Task<StudyState?> LoadStudyAsync(NpgsqlConnection connection, StudyKey key, CancellationToken cancellationToken)
    {
        await using NpgsqlBatch batch = new(connection);
        batch.BatchCommands.Add(Of(StudySql, key));
        batch.BatchCommands.Add(Of(SeriesSql, key));
        await using NpgsqlDataReader rows = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (!await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        StudyState study = StateRow.Study(rows, 0, key);
        await rows.NextResultAsync(cancellationToken).ConfigureAwait(false);
        List<SeriesState> series = [];
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            series.Add(StateRow.Series(rows));
        }

        return study with { Series = series };
    }

    public static async Task<IReadOnlyList<InstanceState>> LoadInstancesAsync(
        NpgsqlConnection connection, StudyKey key, IReadOnlyCollection<InstanceId> ids, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand(InstancesSql, connection)
            .With(key.Study.Value).With(key.Provider.Value)
            .With(ids.Select(id => id.Series.Value).ToArray()).With(ids.Select(id => id.Sop.Value).ToArray());
        return await ReadInstancesAsync(command, cancellationToken).ConfigureAwait(false);
    }

    public static async Task<IReadOnlyList<InstanceState>> ListInstancesAsync(
        NpgsqlConnection connection, StudyKey key, SeriesInstanceUid? series, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand(ListSql, connection)
            .With(key.Study.Value).With(key.Provider.Value).With(series?.Value);
        return await ReadInstancesAsync(command, cancellationToken).ConfigureAwait(false);
    }

    public static async Task<IReadOnlyList<InstanceState>> ReadInstancesAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        List<InstanceState> instances = [];
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            instances.Add(InstanceRow.Read(rows, 0));
        }

        return instances;
    }

    private static NpgsqlBatchCommand Of(string sql, StudyKey key)
        => new NpgsqlBatchCommand(sql).With(key.Study.Value).With(key.Provider.Value);
}

/// <summary>Reads what closing a revision needs.</summary>
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
