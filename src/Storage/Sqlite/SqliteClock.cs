using ImagingIngestion.Storage.Sql;
using ImagingIngestion.Storage.Sqlite.Deliveries;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>
/// Due times, leases and retries are kept by the clock of the machine. One that was ahead and is set right leaves times that are far away
/// by the right clock, and what they belong to would wait until then: they are moved back by as much as the clock was ahead, and none is
/// left further ahead than any setting allows.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class SqliteClock(TimeProvider time)
{
    /// <summary>A clock that is kept right by small steps is no matter.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    /// <summary>The most that the delays of revisions, and of retries, may be set to.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(7);

    /// <summary>The most that the lease of a revision may be set to.</summary>
    private static readonly TimeSpan LongestLease = TimeSpan.FromHours(1);

    /// <summary>What was written last says what the clock was then.</summary>
    private const string NewestSql = """
        SELECT max(coalesce((SELECT max(revision_opened_at) FROM study WHERE revision_due_at IS NOT NULL), 0),
            coalesce((SELECT occurred_at FROM event ORDER BY sequence DESC LIMIT 1), 0),
            coalesce((SELECT max(requested_at) FROM commitment), 0))
        """;

    private const string DueSql = """
        UPDATE study SET revision_due_at = max($1, min(revision_due_at - $2, $3)), revision_opened_at = min(revision_opened_at, $1)
        WHERE revision_due_at > $1 AND ($2 > 0 OR revision_due_at > $3)
        """;

    private const string LeaseSql = """
        UPDATE study SET revision_leased_until = max($1, min(revision_leased_until - $2, $3))
        WHERE revision_due_at IS NOT NULL AND revision_leased_until > $1 AND ($2 > 0 OR revision_leased_until > $3)
        """;

    private const string WaitSql = $"""
        UPDATE delivery SET due_at = max($1, min(due_at - $2, $3))
        WHERE is_dead = 0 AND due_at > $1 AND due_at < {DeliverySql.Behind} AND ($2 > 0 OR due_at > $3)
        """;

    private const string CommitmentSql =
        "UPDATE commitment SET due_at = max($1, min(due_at - $2, $3)) WHERE due_at > $1 AND ($2 > 0 OR due_at > $3)";

    private readonly Lock _gate = new();
    private long _latest = long.MinValue;

    /// <summary>Mends the times of a database that was opened; called once, within a transaction or alone.</summary>
    public void Begin(SqliteSession session)
    {
        long now = ColumnTime.Now(time);
        long ahead = (long)session.Statement(NewestSql, 0).RunScalar()! - now;
        Mend(session, now, ahead > ColumnTime.ToColumn(Tolerance) ? ahead : 0);
    }

    /// <summary>Called before something is claimed: mends the times when the clock has been set back since the last call.</summary>
    public Task LookAsync(SqliteWriter writer, CancellationToken cancellationToken)
    {
        long now = ColumnTime.Now(time);
        long ahead;
        lock (_gate)
        {
            ahead = _latest == long.MinValue ? 0 : _latest - now;
            if (ahead is > 0 && ahead <= ColumnTime.ToColumn(Tolerance))
            {
                return Task.CompletedTask;
            }

            _latest = now;
        }

        return ahead <= 0 ? Task.CompletedTask : writer.RunAsync(
            session =>
            {
                Mend(session, now, ahead);
                return true;
            },
            cancellationToken);
    }

    private static void Mend(SqliteSession session, long now, long ahead)
    {
        long longestDelay = now + ColumnTime.ToColumn(LongestDelay);
        session.Statement(DueSql, 3).Run(now, ahead, longestDelay);
        session.Statement(LeaseSql, 3).Run(now, ahead, now + ColumnTime.ToColumn(LongestLease));
        session.Statement(WaitSql, 3).Run(now, ahead, longestDelay);
        session.Statement(CommitmentSql, 3).Run(now, ahead, longestDelay);
    }
}
