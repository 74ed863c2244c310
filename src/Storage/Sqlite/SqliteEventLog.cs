using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>The event log of the manifest database.</summary>
/// <param name="logId">Names it.</param>
/// <param name="writer">Removes old events.</param>
/// <param name="readers">Read it.</param>
/// <param name="signal">Wakes callers that wait for events.</param>
internal sealed class SqliteEventLog(string logId, SqliteWriter writer, SqliteReaderPool readers, EventSignal signal) : IEventLog
{
    public string LogId { get; } = logId;

    public Task<EventLogBounds> GetBoundsAsync(CancellationToken cancellationToken)
        => readers.RunAsync(EventReads.Bounds, cancellationToken);

    public Task<EventPage> ReadAsync(EventQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        return readers.RunAsync(session => EventReads.Page(session, query), cancellationToken);
    }

    public Task<LoggedEvent?> FindAsync(long sequence, CancellationToken cancellationToken)
        => readers.RunAsync(session => EventReads.Find(session, sequence), cancellationToken);

    public Task<ReadOnlyMemory<byte>?> FindRevisionAsync(StudyKey study, int revision, CancellationToken cancellationToken)
        => readers.RunAsync(session => EventReads.FindRevision(session, study, revision), cancellationToken);

    public Task WaitAsync(long after, CancellationToken cancellationToken) => signal.WaitAsync(after, cancellationToken);

    /// <summary>Asks a reader first, so that the writer is not disturbed while there is nothing to remove.</summary>
    public async Task<int> RemoveOlderAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        long limit = ColumnTime.ToColumn(olderThan);
        long released = await readers.RunAsync(EventRetention.ReadReleased, cancellationToken).ConfigureAwait(false);
        bool isAny = await readers.RunAsync(session => EventRetention.IsAnyOlder(session, released, limit), cancellationToken)
            .ConfigureAwait(false);
        return isAny
            ? await writer.RunAsync(session => EventRetention.Remove(session, released, limit), cancellationToken).ConfigureAwait(false)
            : 0;
    }
}

/// <summary>Reads the event log.</summary>
internal static class EventReads
{
    private const string LatestSql = "SELECT seq FROM sqlite_sequence WHERE name = 'event'";

    private const string RemovedSql = "SELECT removed_through FROM event_log";

    /// <summary>Events of instances have no revision, so they join no row of a revision.</summary>
    private const string Events = $"""
        SELECT {EventRow.Columns}
        FROM event e
        CROSS JOIN study s ON s.id = e.study_id
        LEFT JOIN study_revision r ON r.study_id = e.study_id AND r.revision = e.revision
        """;

    private const string PageSql = $"""
        {Events}
        WHERE e.sequence > $1 AND e.sequence <= $2 AND ($3 >> e.type) & 1 AND ($4 IS NULL OR s.provider = $4)
        ORDER BY e.sequence LIMIT $5
        """;

    private const string FindSql = $"{Events} WHERE e.sequence = $1";

    /// <summary>Returns the highest number given so far; 0 before the first event.</summary>
    public static long Latest(SqliteSession session) => (long?)session.Statement(LatestSql, 0).RunScalar() ?? 0;

    /// <summary>Returns the highest number that retention has removed.</summary>
    public static long RemovedThrough(SqliteSession session) => (long)session.Statement(RemovedSql, 0).RunScalar()!;

    public static EventLogBounds Bounds(SqliteSession session) => session.InSnapshot(() => ReadBounds(session));

    public static EventPage Page(SqliteSession session, EventQuery query) => session.InSnapshot(() =>
    {
        EventLogBounds bounds = ReadBounds(session);
        if (bounds.IsExpired(query.After))
        {
            return new EventPage([], query.After, bounds, IsExpired: true);
        }

        EventRows page = new(query);
        using SqliteDataReader rows = session.Statement(PageSql, 5).Query(
            query.After, page.Through, page.Types, query.Provider?.Value, query.Limit);
        while (!page.IsFull && rows.Read())
        {
            page.Add(rows);
        }

        return page.ToPage(bounds);
    });

    public static LoggedEvent? Find(SqliteSession session, long sequence)
    {
        using SqliteDataReader rows = session.Statement(FindSql, 1).Query(sequence);
        return rows.Read() ? EventRow.Read(rows) : null;
    }

    public static ReadOnlyMemory<byte>? FindRevision(SqliteSession session, StudyKey study, int revision)
        => session.Statement(EventRow.RevisionSql, 3).RunScalar(study.Study.Value, study.Provider.Value, revision) is byte[] data
            ? data
            : default(ReadOnlyMemory<byte>?);

    private static EventLogBounds ReadBounds(SqliteSession session) => new(RemovedThrough(session) + 1, Latest(session));
}

/// <summary>Removes the oldest events.</summary>
/// <remarks>It always removes the first events that are left, so that the log has no holes.</remarks>
internal static class EventRetention
{
    private const int MaxEvents = 2000;

    /// <summary>Deliveries of bindings that keep every event name it until they are settled, dead letters included.</summary>
    private const string OldestNeededSql = """
        SELECT min(d.slot) FROM binding b CROSS JOIN delivery d ON d.binding_id = b.id WHERE b.keeps_every_event = 1
        """;

    private const string LowestCursorSql = "SELECT min(cursor) FROM binding";

    private const string FirstYoungerSql = "SELECT min(sequence) FROM event WHERE sequence > $1 AND sequence <= $2 AND occurred_at >= $3";

    private const string RevisionsSql =
        "SELECT study_id, revision FROM event WHERE sequence > $1 AND sequence <= $2 AND revision IS NOT NULL";

    /// <summary>Also removes older revisions, which were the newest of their study when their event was removed.</summary>
    private const string DropRevisionsSql = """
        DELETE FROM study_revision
        WHERE study_id = $1 AND revision <= $2 AND revision < (SELECT next_revision - 1 FROM study WHERE id = $1) AND NOT EXISTS (
            SELECT 1 FROM binding b
            CROSS JOIN delivery d ON d.binding_id = b.id AND d.study_id = $1 AND d.series_uid = '' AND d.sop_uid = ''
            WHERE d.revision = study_revision.revision)
        """;

    /// <summary>Returns the highest number that is no longer needed by any binding.</summary>
    /// <remarks>This looks at many deliveries, so a reader does it beside the writer. The number can only rise.</remarks>
    public static long ReadReleased(SqliteSession session) => session.InSnapshot(() =>
    {
        long released = Math.Min(EventReads.Latest(session), LowestCursor(session));
        return session.Statement(OldestNeededSql, 0).RunScalar() is long needed ? Math.Min(released, needed - 1) : released;
    });

    /// <summary>Returns true if there may be something to remove.</summary>
    public static bool IsAnyOlder(SqliteSession session, long released, long olderThan)
    {
        long removed = EventReads.RemovedThrough(session);
        return LastOlder(session, removed, Math.Min(released, removed + 1), olderThan) > removed;
    }

    /// <summary>Removes events; returns how many.</summary>
    public static int Remove(SqliteSession session, long released, long olderThan)
    {
        long removed = EventReads.RemovedThrough(session);
        long until = LastOlder(session, removed, Math.Min(Math.Min(released, LowestCursor(session)), removed + MaxEvents), olderThan);
        if (until <= removed)
        {
            return 0;
        }

        foreach ((long study, long revision) in ReadRevisions(session, removed, until))
        {
            session.Statement(DropRevisionsSql, 2).Run(study, revision);
        }

        session.Statement("DELETE FROM event WHERE sequence > $1 AND sequence <= $2", 2).Run(removed, until);
        session.Statement("UPDATE event_log SET removed_through = $1", 1).Run(until);
        return (int)(until - removed);
    }

    private static long LowestCursor(SqliteSession session)
        => session.Statement(LowestCursorSql, 0).RunScalar() is long cursor ? cursor : long.MaxValue;

    /// <summary>Returns the last number, up to a limit, before which all events are older.</summary>
    private static long LastOlder(SqliteSession session, long removed, long limit, long olderThan)
        => session.Statement(FirstYoungerSql, 3).RunScalar(removed, limit, olderThan) is long younger ? younger - 1 : limit;

    private static List<(long Study, long Revision)> ReadRevisions(SqliteSession session, long after, long until)
    {
        List<(long Study, long Revision)> revisions = [];
        using SqliteDataReader rows = session.Statement(RevisionsSql, 2).Query(after, until);
        while (rows.Read())
        {
            revisions.Add((rows.GetInt64(0), rows.GetInt64(1)));
        }

        return revisions;
    }
}
