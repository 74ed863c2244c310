using ImagingIngestion.Manifest.Revisions;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite.Revisions;

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

    private const string NextFreeSql = "SELECT revision_due_at FROM study WHERE revision_due_at IS NOT NULL AND revision_leased_until <= "
        + "$1 ORDER BY revision_due_at LIMIT 1";

    /// <summary>Only what is due is leased, so that this looks at no more rows than there are claims.</summary>
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

    /// <summary>How long the oldest revision is due; null when none is.</summary>
    public static TimeSpan? OldestAge(SqliteSession session, long now)
        => session.Statement(OldestSql, 1).RunScalar(now) is long due ? TimeSpan.FromMicroseconds(now - due) : null;

    /// <summary>When the next revision can be claimed; null when none is open.</summary>
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
