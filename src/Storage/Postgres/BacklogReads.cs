using ImagingIngestion.Manifest.Ports;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Measures what waits.</summary>
internal static class BacklogReads
{
    private const string Sql = """
        SELECT imaging.now_us() - (SELECT e.occurred_at FROM event_inbox e ORDER BY e.id LIMIT 1),
            imaging.now_us() - (SELECT o.due_at FROM open_revision o WHERE o.due_at <= imaging.now_us() ORDER BY o.due_at LIMIT 1)
        """;

    public static async Task<Backlog> MeasureAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(Sql, connection);
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new Backlog(Age(row, 0), Age(row, 1));
    }

    private static TimeSpan? Age(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : TimeSpan.FromMicroseconds(Math.Max(0, row.GetInt64(column)));
}
