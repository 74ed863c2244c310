using ImagingIngestion.Grains;
using Npgsql;

namespace ImagingIngestion.Storage;

/// <summary>Reads the instances of a scope batch by batch, each going on after the last row of the one before, so that no read is long.</summary>
internal sealed class RetrieveReads(RetrieveScope scope, StoredInstanceParts parts)
{
    private const int BatchWithBlobs = 64;
    private const int BatchOfRows = 1000;

    private const string StudySql = "SELECT s.id, 0::bigint FROM study s WHERE s.study_uid = $1 AND s.provider = $2";
    private const string SeriesSql = "SELECT s.id, r.id FROM study s JOIN series r ON r.study_id = s.id AND r.series_uid = $3 WHERE s.study_uid = $1 AND s.provider = $2";

    private readonly int _batch = parts == StoredInstanceParts.None ? BatchOfRows : BatchWithBlobs;
    private readonly string _sql = BatchSql(scope, parts);
    private long _studyId;
    private long _seriesId;
    private (long Series, long Number, long Id) _last = (0, long.MinValue, 0);

    /// <summary>The last batch was not full.</summary>
    public bool IsFinished { get; private set; }

    public async Task<IReadOnlyList<StoredInstance>> ReadBatchAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        List<StoredInstance> instances = [];
        if (_studyId == 0 && !await FindScopeAsync(connection, cancellationToken).ConfigureAwait(false))
        {
            IsFinished = true;
            return instances;
        }

        await using NpgsqlCommand command = new NpgsqlCommand(_sql, connection)
            .With(_studyId).With(_last.Series).With(_last.Number).With(_last.Id).With(_batch).With(_seriesId).With(scope.Sop?.Value);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            _last = (rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2));
            instances.Add(new StoredInstance(
                InstanceRow.Read(rows, 4),
                InstanceRow.Blob(rows, 4 + InstanceRow.ColumnCount),
                InstanceRow.Blob(rows, 5 + InstanceRow.ColumnCount),
                rows.GetInt64(3)));
        }

        IsFinished = instances.Count < _batch;
        return instances;
    }

    /// <summary>The study is a parameter, so that only its part of the table is planned and read.</summary>
    internal static string BatchSql(RetrieveScope scope, StoredInstanceParts parts)
    {
        string metadata = parts.HasFlag(StoredInstanceParts.Metadata) ? "c.metadata" : "NULL::bytea";
        string layout = parts.HasFlag(StoredInstanceParts.Layout) ? "c.layout" : "NULL::bytea";
        string contents = parts == StoredInstanceParts.None ? "" : "JOIN instance_content c ON c.study_id = $1 AND c.instance_id = i.id";
        string series = scope.Series is null ? "$6::bigint = 0" : "i.series_id = $6::bigint";
        string sop = scope.Sop is null ? "$7::text IS NULL" : "i.sop_uid = $7::text";
        return $"""
            SELECT i.series_id, i.sort_number, i.id, s.version, {InstanceRow.Columns}, {metadata}, {layout}
            FROM instance i
            JOIN study s ON s.id = $1
            JOIN series r ON r.id = i.series_id
            {contents}
            WHERE i.study_id = $1 AND {series} AND {sop} AND (i.series_id, i.sort_number, i.id) > ($2, $3, $4)
            ORDER BY i.series_id, i.sort_number, i.id
            LIMIT $5
            """;
    }

    private async Task<bool> FindScopeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand(scope.Series is null ? StudySql : SeriesSql, connection)
            .With(scope.Study.Study.Value).With(scope.Study.Provider.Value);
        if (scope.Series is { } series)
        {
            command.With(series.Value);
        }

        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (!await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        (_studyId, _seriesId) = (rows.GetInt64(0), rows.GetInt64(1));
        return true;
    }
}
