using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Reads the instances of a scope batch by batch.</summary>
internal sealed class RetrieveReads(RetrieveScope scope, StoredInstanceParts parts, BlobReader blobs)
{
    private readonly RetrieveRows _rows = Rows(scope, parts, blobs);

    /// <summary>The last batch was not full.</summary>
    public bool IsFinished => _rows.IsFinished;

    public async Task<IReadOnlyList<StoredInstance>> ReadBatchAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        _rows.Begin();
        if (!_rows.HasScope && !await FindScopeAsync(connection, cancellationToken).ConfigureAwait(false))
        {
            return _rows.TakeBatch();
        }

        await using NpgsqlCommand command = new NpgsqlCommand(_rows.BatchSql, connection).WithValues(_rows.BatchParameters);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false) && _rows.Add(rows))
        {
        }

        return _rows.TakeBatch();
    }

    internal static RetrieveRows Rows(RetrieveScope scope, StoredInstanceParts parts, BlobReader blobs)
        => new(scope, parts, "JOIN", "c.study_id = $1 AND c.instance_id = i.id", blobs);

    private async Task<bool> FindScopeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand(_rows.ScopeSql, connection).WithValues(_rows.ScopeParameters);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        bool isThere = await rows.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (isThere)
        {
            _rows.Enter(rows);
        }

        return isThere;
    }
}

/// <summary>Reads a slice of a blob.</summary>
/// <remarks>The server fetches no more of it than the slice, because blobs are stored out of line and uncompressed.</remarks>
internal static class BlobReads
{
    /// <summary>Reads one slice.</summary>
    /// <exception cref="Manifest.Ports.ManifestUnavailableException">The instance has another object now.</exception>
    public static async Task<int> ReadAsync(
        NpgsqlConnection connection, ContentBlob blob, long offset, Memory<byte> target, CancellationToken cancellationToken)
    {
        string sql = $"""
            SELECT substring(c.{blob.Column} FROM $4 FOR $5)
            FROM instance i JOIN instance_content c ON c.study_id = $1 AND c.instance_id = i.id
            WHERE i.study_id = $1 AND i.id = $2 AND i.object_key = $3
            """;
        await using NpgsqlCommand command = new NpgsqlCommand(sql, connection)
            .With(blob.StudyId).With(blob.InstanceId).With(blob.ObjectKey).With(checked((int)offset + 1)).With(target.Length);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (!await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            throw ContentBlob.Replaced();
        }

        await using Stream slice = await rows.GetStreamAsync(0, cancellationToken).ConfigureAwait(false);
        return await slice.ReadAtLeastAsync(target, target.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
    }
}
