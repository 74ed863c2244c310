using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres.Load;

/// <summary>Reads a slice of a blob; the server fetches no more of it, because blobs are stored apart and as they are.</summary>
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
