using ImagingIngestion.Manifest.Retrieve;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres.Load;

/// <summary>Reads the instances of a scope batch by batch.</summary>
internal sealed class RetrieveReads(RetrieveScope scope, StoredInstanceParts parts, BlobReader blobs)
{
    private const string StudySql = "SELECT s.id, 0::bigint FROM study s WHERE s.study_uid = $1 AND s.provider = $2";
    private const string SeriesSql = "SELECT s.id, r.id FROM study s JOIN series r ON r.study_id = s.id AND r.series_uid = $3 WHERE "
        + "s.study_uid = $1 AND s.provider = $2";

    private readonly RetrieveRows _rows = new(parts, blobs);
    private readonly string _sql = BatchSql(scope, parts);
    private long _studyId;
    private long _seriesId;

    /// <summary>The last batch was not full.</summary>
    public bool IsFinished => _rows.IsFinished;

    public async Task<IReadOnlyList<StoredInstance>> ReadBatchAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        _rows.Begin();
        if (_studyId == 0 && !await FindScopeAsync(connection, cancellationToken).ConfigureAwait(false))
        {
            return _rows.TakeBatch();
        }

        await using NpgsqlCommand command = new NpgsqlCommand(_sql, connection)
            .With(_studyId).With(_rows.Last.Series).With(_rows.Last.Number).With(_rows.Last.Id).With(_rows.BatchSize).With(_seriesId).With(
                scope.Sop?.Value);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false) && _rows.Add(rows))
        {
        }

        return _rows.TakeBatch();
    }

    /// <summary>The study is a parameter, so that only its part of the table is planned and read.</summary>
    internal static string BatchSql(RetrieveScope scope, StoredInstanceParts parts)
    {
        string contents = parts == StoredInstanceParts.None ? "" : "JOIN instance_content c ON c.study_id = $1 AND c.instance_id = i.id";
        string series = scope.Series is null ? "$6::bigint = 0" : "i.series_id = $6::bigint";
        string sop = scope.Sop is null ? "$7::text IS NULL" : "i.sop_uid = $7::text";
        return RetrieveRows.Sql(parts, $"JOIN study s ON s.id = $1 JOIN series r ON r.id = i.series_id {contents}", $"{series} AND {sop}");
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
