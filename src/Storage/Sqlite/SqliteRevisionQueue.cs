using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>The due times of open revisions in the manifest database.</summary>
/// <param name="writer">Writes claims.</param>
/// <param name="readers">Look for what is due.</param>
/// <param name="timeProvider">The clock of the store.</param>
/// <param name="clock">Corrects times that a clock ahead of time has left.</param>
internal sealed class SqliteRevisionQueue(SqliteWriter writer, SqliteReaderPool readers, TimeProvider timeProvider, SqliteClock clock)
    : IRevisionQueue
{
    /// <summary>Asks a reader first, so that the writer is not disturbed while nothing is due.</summary>
    public async Task<IReadOnlyList<RevisionClaim>> ClaimDueAsync(
        string owner, TimeSpan lease, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        await clock.CorrectAsync(writer, cancellationToken).ConfigureAwait(false);
        return await readers.RunAsync(session => DueRevisions.IsAnyClaimable(session, Now()), cancellationToken).ConfigureAwait(false)
            ? await writer.RunAsync(session => Claim(session, owner, lease, max), cancellationToken).ConfigureAwait(false)
            : [];
    }

    public Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken) => readers.RunAsync<TimeSpan?>(
        session =>
        {
            long now = Now();
            return DueRevisions.Next(session, now) is { } next ? TimeSpan.FromMicroseconds(Math.Max(0, next - now)) : null;
        },
        cancellationToken);

    private long Now() => ColumnTime.Now(timeProvider);

    private IReadOnlyList<RevisionClaim> Claim(SqliteSession session, string owner, TimeSpan lease, int max)
    {
        long now = Now();
        return DueRevisions.Claim(session, owner, now + ColumnTime.ToColumn(lease), max, now);
    }
}

/// <summary>Finds and leases due revisions.</summary>
internal static class DueRevisions
{
    private const string Claimable = "revision_due_at <= $1 AND revision_leased_until <= $1";

    private const string IsAnySql = $"SELECT 1 FROM study WHERE {Claimable} LIMIT 1";

    private const string OldestSql = "SELECT min(revision_due_at) FROM study WHERE revision_due_at <= $1";

    private const string ClaimSql = $"""
        UPDATE study SET revision_owner = $2, revision_token = revision_token + 1, revision_leased_until = $3
        WHERE id IN (SELECT id FROM study WHERE {Claimable} ORDER BY revision_due_at LIMIT $4)
        RETURNING revision_due_at, provider, study_uid, next_revision, revision_token
        """;

    private const string NextFreeSql = """
        SELECT revision_due_at FROM study WHERE revision_due_at IS NOT NULL AND revision_leased_until <= $1
        ORDER BY revision_due_at LIMIT 1
        """;

    /// <summary>Only due revisions are leased, so this looks at no more rows than there are claims.</summary>
    private const string NextLeaseEndSql =
        "SELECT min(revision_leased_until) FROM study WHERE revision_due_at <= $1 AND revision_leased_until > $1";

    public static bool IsAnyClaimable(SqliteSession session, long now) => session.Statement(IsAnySql, 1).RunScalar(now) is not null;

    public static IReadOnlyList<RevisionClaim> Claim(SqliteSession session, string owner, long leasedUntil, int max, long now)
    {
        List<(long DueAt, RevisionClaim Claim)> claims = [];
        using SqliteDataReader rows = session.Statement(ClaimSql, 4).Query(now, owner, leasedUntil, max);
        while (rows.Read())
        {
            claims.Add((rows.GetInt64(0), RevisionRow.Claim(rows, first: 1)));
        }

        return [.. claims.OrderBy(claim => claim.DueAt).Select(claim => claim.Claim)];
    }

    /// <summary>Returns for how long the oldest revision has been due; null if none is due.</summary>
    public static TimeSpan? OldestAge(SqliteSession session, long now)
        => session.Statement(OldestSql, 1).RunScalar(now) is long due ? TimeSpan.FromMicroseconds(now - due) : null;

    /// <summary>Returns when the next revision can be claimed; null if none is open.</summary>
    public static long? Next(SqliteSession session, long now) => session.InSnapshot(() =>
    {
        long? free = (long?)session.Statement(NextFreeSql, 1).RunScalar(now);
        if (free <= now)
        {
            return free;
        }

        long? leaseEnd = session.Statement(NextLeaseEndSql, 1).RunScalar(now) as long?;
        return free is null || leaseEnd < free ? leaseEnd : free;
    });
}
