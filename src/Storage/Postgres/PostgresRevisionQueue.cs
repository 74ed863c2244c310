using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>The due times of open revisions in PostgreSQL.</summary>
/// <remarks>A claim is one statement, which skips what another silo claims at the same moment.</remarks>
internal sealed class PostgresRevisionQueue(NpgsqlDataSource pool) : IRevisionQueue
{
    internal const string ClaimSql = """
        WITH due AS (
            SELECT o.study_id, o.due_at FROM open_revision o
            WHERE o.due_at <= (SELECT now_us()) AND o.leased_until <= (SELECT now_us())
            ORDER BY o.due_at LIMIT $3 FOR UPDATE SKIP LOCKED
        ), leased AS (
            UPDATE open_revision o SET owner = $1, token = o.token + 1, leased_until = now_us() + $2
            FROM due WHERE o.study_id = due.study_id
            RETURNING o.study_id, o.revision, o.token, due.due_at
        )
        SELECT s.provider, s.study_uid, l.revision, l.token FROM leased l JOIN study s ON s.id = l.study_id ORDER BY l.due_at
        """;

    /// <summary>
    /// Looks at no more rows than there are claims: only due revisions are leased, and leases count only if nothing else is due.
    /// </summary>
    private const string NextSql = """
        SELECT CASE WHEN f.due_at <= f.now THEN 0 ELSE greatest(0, least(
            f.due_at, (SELECT min(leased_until) FROM open_revision WHERE due_at <= f.now AND leased_until > f.now)) - f.now) END
        FROM (
            SELECT m.now, (SELECT due_at FROM open_revision WHERE leased_until <= m.now ORDER BY due_at LIMIT 1) AS due_at
            FROM (SELECT now_us() AS now) m
        ) f
        WHERE EXISTS (SELECT 1 FROM open_revision)
        """;

    public Task<IReadOnlyList<RevisionClaim>> ClaimDueAsync(string owner, TimeSpan lease, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        return pool.ListAsync(
            new NpgsqlCommand(ClaimSql).With(owner).With(ColumnTime.ToColumn(lease)).With(max),
            rows => RevisionRow.Claim(rows),
            cancellationToken);
    }

    public Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken) => pool.ReadDelayAsync(NextSql, cancellationToken);
}
