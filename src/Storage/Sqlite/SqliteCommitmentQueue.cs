using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Requests for storage commitment in the manifest database.</summary>
/// <param name="writer">Writes requests and claims.</param>
/// <param name="readers">Look for what is due, so that the writer is not disturbed while nothing is due.</param>
/// <param name="timeProvider">The clock of the store.</param>
/// <param name="clock">Corrects times that a clock ahead of time has left.</param>
internal sealed class SqliteCommitmentQueue(SqliteWriter writer, SqliteReaderPool readers, TimeProvider timeProvider, SqliteClock clock)
    : ICommitmentQueue
{
    public Task<bool> AddAsync(CommitmentRequest request, TimeSpan delay, CommitmentCapacity capacity, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(request.References.Count);
        byte[] data = ReferenceText.Write(request.References);
        return writer.RunAsync(
            session =>
            {
                long now = ColumnTime.Now(timeProvider);
                return CommitmentRows.Add(session, request, data, now, now + ColumnTime.ToColumn(delay), capacity);
            },
            cancellationToken);
    }

    public async Task<IReadOnlyList<CommitmentClaim>> ClaimDueAsync(
        string owner, TimeSpan lease, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        await clock.CorrectAsync(writer, cancellationToken).ConfigureAwait(false);
        return await readers.RunAsync(CommitmentRows.NextDue, cancellationToken).ConfigureAwait(false) <= ColumnTime.Now(timeProvider)
            ? await writer.RunAsync(session => Claim(session, owner, lease, max), cancellationToken).ConfigureAwait(false)
            : [];
    }

    public async Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken)
        => await readers.RunAsync(CommitmentRows.NextDue, cancellationToken).ConfigureAwait(false) is { } due
            ? TimeSpan.FromMicroseconds(Math.Max(0, due - ColumnTime.Now(timeProvider)))
            : null;

    public Task<bool> RemoveAsync(CommitmentClaim claim, CancellationToken cancellationToken)
        => writer.RunAsync(session => CommitmentRows.Remove(session, claim), cancellationToken);

    public Task<bool> PutOffAsync(CommitmentClaim claim, TimeSpan delay, bool countsAsAttempt, CancellationToken cancellationToken)
        => writer.RunAsync(
            session => CommitmentRows.PutOff(session, claim, ColumnTime.Now(timeProvider) + ColumnTime.ToColumn(delay), countsAsAttempt),
            cancellationToken);

    private IReadOnlyList<CommitmentClaim> Claim(SqliteSession session, string owner, TimeSpan lease, int max)
    {
        long now = ColumnTime.Now(timeProvider);
        return CommitmentRows.Claim(session, owner, now + ColumnTime.ToColumn(lease), max, now);
    }
}

/// <summary>The statements of requests for storage commitment.</summary>
internal static class CommitmentRows
{
    private const string WaitingSql = "SELECT count(*), coalesce(sum(reference_count), 0) FROM commitment";
    private const string TakeBackSql = "DELETE FROM commitment WHERE calling_ae = $1 AND transaction_uid = $2 AND provider = $3";

    private const string InsertSql = """
        INSERT INTO commitment (provider, calling_ae, called_ae, transaction_uid, reference_count, requested_at, due_at, data)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """;

    private const string ClaimSql = """
        UPDATE commitment SET owner = $2, token = token + 1, due_at = $3
        WHERE id IN (SELECT id FROM commitment WHERE due_at <= $1 ORDER BY due_at, id LIMIT $4)
        RETURNING id, token, provider, calling_ae, called_ae, transaction_uid, requested_at, attempts, reference_count, data
        """;

    private const string NextSql = "SELECT min(due_at) FROM commitment";
    private const string PutOffSql =
        $"UPDATE commitment SET owner = NULL, due_at = $3, attempts = attempts + $4 WHERE {CommitmentRow.IsHeld}";

    public static bool Add(SqliteSession session, CommitmentRequest request, byte[] data, long now, long dueAt, CommitmentCapacity capacity)
    {
        if (!HasPlace(session, request, capacity))
        {
            return false;
        }

        session.Statement(TakeBackSql, 3).Run(request.CallingAeTitle, request.TransactionUid, request.Provider.Value);
        session.Statement(InsertSql, 8).Run(
            request.Provider.Value, request.CallingAeTitle, request.CalledAeTitle, request.TransactionUid, request.References.Count, now,
            dueAt, data);
        return true;
    }

    public static IReadOnlyList<CommitmentClaim> Claim(SqliteSession session, string owner, long leasedUntil, int max, long now)
    {
        List<CommitmentClaim> claims = [];
        using SqliteDataReader rows = session.Statement(ClaimSql, 4).Query(now, owner, leasedUntil, max);
        while (rows.Read())
        {
            claims.Add(CommitmentRow.Read(rows, age: Math.Max(0, now - rows.GetInt64(CommitmentRow.Age))));
        }

        return claims;
    }

    public static long? NextDue(SqliteSession session) => session.Statement(NextSql, 0).RunScalar() as long?;

    public static bool Remove(SqliteSession session, CommitmentClaim claim)
        => session.Statement(CommitmentRow.RemoveSql, 2).Run(claim.Id, claim.Token) > 0;

    public static bool PutOff(SqliteSession session, CommitmentClaim claim, long dueAt, bool countsAsAttempt)
        => session.Statement(PutOffSql, 4).Run(claim.Id, claim.Token, dueAt, countsAsAttempt ? 1 : 0) > 0;

    /// <summary>Returns true if there is room for the request.</summary>
    /// <remarks>A request that would be replaced still counts: the bounds protect memory and disk, and need not be exact.</remarks>
    private static bool HasPlace(SqliteSession session, CommitmentRequest request, CommitmentCapacity capacity)
    {
        using SqliteDataReader rows = session.Statement(WaitingSql, 0).Query();
        rows.Read();
        return rows.GetInt64(0) < capacity.Requests && rows.GetInt64(1) + request.References.Count <= capacity.References;
    }
}
