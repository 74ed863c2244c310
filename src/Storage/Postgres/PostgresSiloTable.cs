using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>The table of silos in PostgreSQL.</summary>
internal sealed class PostgresSiloTable(NpgsqlDataSource pool) : ISiloTable
{
    private const string BeatSql = """
        WITH forgotten AS (DELETE FROM silo WHERE beat_at < (SELECT now_us()) - $3 AND id <> $1)
        INSERT INTO silo (id, address, started_at, beat_at) VALUES ($1, $2, now_us(), now_us())
        ON CONFLICT (id) DO UPDATE SET address = excluded.address, beat_at = excluded.beat_at
        """;

    private const string LeaveSql = "DELETE FROM silo WHERE id = $1";
    private const string ListSql = "SELECT id, address FROM silo WHERE beat_at >= (SELECT now_us()) - $1 ORDER BY id";

    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    public Task HeartbeatAsync(SiloEntry silo, CancellationToken cancellationToken)
        => pool.ExecuteAsync(
            new NpgsqlCommand(BeatSql).With(silo.Id).With(silo.Address).With(ColumnTime.ToColumn(Forgotten)), cancellationToken);

    public Task LeaveAsync(string id, CancellationToken cancellationToken)
        => pool.ExecuteAsync(new NpgsqlCommand(LeaveSql).With(id), cancellationToken);

    public Task<IReadOnlyList<SiloEntry>> ListLiveAsync(TimeSpan maxAge, CancellationToken cancellationToken)
        => pool.ListAsync(
            new NpgsqlCommand(ListSql).With(ColumnTime.ToColumn(maxAge)),
            rows => new SiloEntry(rows.GetString(0), rows.GetString(1)),
            cancellationToken);
}
