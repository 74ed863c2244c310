using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Corrects stored times after the clock of the machine was ahead and is right again.</summary>
/// <remarks>
/// Due times, leases and retries are kept by that clock. Without a correction, what they belong to would wait until the wrong time. Times
/// are moved back by as much as the clock was ahead. No time stays further ahead than any setting allows.
/// </remarks>
/// <param name="time">The clock.</param>
internal sealed class SqliteClock(TimeProvider time)
{
    /// <summary>Small steps that keep a clock right need no correction.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    /// <summary>The largest value that the delays of revisions and of retries can be set to.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(7);

    /// <summary>The largest value that the lease of a revision can be set to.</summary>
    private static readonly TimeSpan LongestLease = TimeSpan.FromHours(1);

    /// <summary>The newest row tells what the clock showed when it was written.</summary>
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

    /// <summary>Corrects the times of a database that was just opened. Called once, within a transaction or alone.</summary>
    public void Begin(SqliteSession session)
    {
        long now = ColumnTime.Now(time);
        long ahead = (long)session.Statement(NewestSql, 0).RunScalar()! - now;
        Correct(session, now, ahead > ColumnTime.ToColumn(Tolerance) ? ahead : 0);
    }

    /// <summary>Corrects the times if the clock was set back since the last call. Called before anything is claimed.</summary>
    public Task CorrectAsync(SqliteWriter writer, CancellationToken cancellationToken)
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
                Correct(session, now, ahead);
                return true;
            },
            cancellationToken);
    }

    private static void Correct(SqliteSession session, long now, long ahead)
    {
        long longestDelay = now + ColumnTime.ToColumn(LongestDelay);
        session.Statement(DueSql, 3).Run(now, ahead, longestDelay);
        session.Statement(LeaseSql, 3).Run(now, ahead, now + ColumnTime.ToColumn(LongestLease));
        session.Statement(WaitSql, 3).Run(now, ahead, longestDelay);
        session.Statement(CommitmentSql, 3).Run(now, ahead, longestDelay);
    }
}
