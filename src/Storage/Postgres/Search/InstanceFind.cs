using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Postgres.Load;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres.Search;

/// <summary>
/// Finds instances whose study is not told: one statement for all of them, by the index of SOP Instance UIDs of each part.
/// </summary>
internal static class InstanceFind
{
    internal const string Sql = $"""
        SELECT {InstanceRow.Columns}
        FROM unnest($2::text[]) AS wanted (sop_uid)
        JOIN instance i ON i.sop_uid = wanted.sop_uid
        JOIN series r ON r.id = i.series_id
        JOIN study s ON s.id = i.study_id
        WHERE s.provider = $1
        """;

    public static async Task<IReadOnlyList<InstanceState>> FindAsync(
        NpgsqlConnection connection, ProviderName provider, string[] sopUids, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand(Sql, connection).With(provider.Value).With(sopUids);
        return await StateReads.ReadInstancesAsync(command, cancellationToken).ConfigureAwait(false);
    }
}
