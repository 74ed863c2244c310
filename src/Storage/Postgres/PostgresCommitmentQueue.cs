using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Requests for storage commitment in PostgreSQL.</summary>
internal sealed class PostgresCommitmentQueue(NpgsqlDataSource pool) : ICommitmentQueue
{
    /// <summary>A replaced request keeps its row, whose token goes on counting, so that an older claim no longer holds.</summary>
    private const string AddSql = """
        INSERT INTO commitment AS c (provider, calling_ae, called_ae, transaction_uid, reference_count, requested_at, due_at, data)
        SELECT $1, $2, $3, $4, $5, m.now, m.now + $6, $7
        FROM (SELECT now_us() AS now) m, (SELECT count(*) AS requests, coalesce(sum(reference_count), 0) AS refs FROM commitment) w
        WHERE w.requests < $8 AND w.refs + $5 <= $9
        ON CONFLICT (calling_ae, transaction_uid, provider) DO UPDATE SET
            called_ae = excluded.called_ae, reference_count = excluded.reference_count, requested_at = excluded.requested_at,
            due_at = excluded.due_at, data = excluded.data, attempts = 0, owner = NULL
        """;

    private const string ClaimSql = """
        WITH due AS (
            SELECT id, due_at FROM commitment WHERE due_at <= (SELECT now_us()) ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
        ), leased AS (
            UPDATE commitment c SET owner = $1, token = c.token + 1, due_at = now_us() + $2 FROM due WHERE c.id = due.id
            RETURNING c.id, c.token, c.provider, c.calling_ae, c.called_ae, c.transaction_uid,
                greatest(0, now_us() - c.requested_at), c.attempts, c.reference_count, c.data, due.due_at
        )
        SELECT * FROM leased ORDER BY leased.due_at, leased.id
        """;

    private const string NextSql = "SELECT greatest(0, min(due_at) - now_us()) FROM commitment HAVING count(*) > 0";
    private const string PutOffSql =
        $"UPDATE commitment SET owner = NULL, due_at = now_us() + $3, attempts = attempts + $4 WHERE {CommitmentRow.IsHeld}";

    public Task<bool> AddAsync(CommitmentRequest request, TimeSpan delay, CommitmentCapacity capacity, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(request.References.Count);
        byte[] data = ReferenceText.Write(request.References);
        return ChangeAsync(
            new NpgsqlCommand(AddSql)
                .With(request.Provider.Value)
                .With(request.CallingAeTitle)
                .With(request.CalledAeTitle)
                .With(request.TransactionUid)
                .With(request.References.Count)
                .With(ColumnTime.ToColumn(delay))
                .With(data)
                .With(capacity.Requests)
                .With((long)capacity.References),
            cancellationToken);
    }

    public Task<IReadOnlyList<CommitmentClaim>> ClaimDueAsync(string owner, TimeSpan lease, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        return pool.ListAsync(
            new NpgsqlCommand(ClaimSql).With(owner).With(ColumnTime.ToColumn(lease)).With(max),
            rows => CommitmentRow.Read(rows, rows.GetInt64(CommitmentRow.Age)),
            cancellationToken);
    }

    public Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken) => pool.ReadDelayAsync(NextSql, cancellationToken);

    public Task<bool> RemoveAsync(CommitmentClaim claim, CancellationToken cancellationToken)
        => ChangeAsync(new NpgsqlCommand(CommitmentRow.RemoveSql).With(claim.Id).With(claim.Token), cancellationToken);

    public Task<bool> PutOffAsync(CommitmentClaim claim, TimeSpan delay, bool countsAsAttempt, CancellationToken cancellationToken)
        => ChangeAsync(
            new NpgsqlCommand(PutOffSql).With(claim.Id).With(claim.Token).With(ColumnTime.ToColumn(delay)).With(countsAsAttempt ? 1 : 0),
            cancellationToken);

    private async Task<bool> ChangeAsync(NpgsqlCommand command, CancellationToken cancellationToken)
        => await pool.ExecuteAsync(command, cancellationToken).ConfigureAwait(false) > 0;
}
