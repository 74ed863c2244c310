using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite.Events;

/// <summary>The event log of the manifest database.</summary>
/// <param name="logId">Names it.</param>
/// <param name="writer">Removes old events.</param>
/// <param name="readers">Read it.</param>
/// <param name="signal">Wakes those who wait.</param>
internal sealed class SqliteEventLog(string logId, SqliteWriter writer, SqliteReaderPool readers, EventSignal signal) : IEventLog
{
    public string LogId { get; } = logId;

    public Task<EventLogBounds> GetBoundsAsync(CancellationToken cancellationToken)
        => readers.RunAsync(EventQueries.Bounds, cancellationToken);

    public Task<EventPage> ReadAsync(EventQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        return readers.RunAsync(session => EventQueries.Page(session, query), cancellationToken);
    }

    public Task<LoggedEvent?> FindAsync(long sequence, CancellationToken cancellationToken)
        => readers.RunAsync(session => EventQueries.Find(session, sequence), cancellationToken);

    public Task<ReadOnlyMemory<byte>?> FindRevisionAsync(StudyKey study, int revision, CancellationToken cancellationToken)
        => readers.RunAsync(session => EventQueries.FindRevision(session, study, revision), cancellationToken);

    public Task WaitAsync(long after, CancellationToken cancellationToken) => signal.WaitAsync(after, cancellationToken);

    /// <summary>Asks a reader first, so that the writer is left alone while there is nothing to remove.</summary>
    public async Task<int> RemoveOlderAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        long limit = ColumnTime.ToColumn(olderThan);
        long released = await readers.RunAsync(EventRetention.ReadReleased, cancellationToken).ConfigureAwait(false);
        return await readers.RunAsync(session => EventRetention.IsAnyOlder(session, released, limit), cancellationToken).ConfigureAwait(
            false)
            ? await writer.RunAsync(session => EventRetention.Remove(session, released, limit), cancellationToken).ConfigureAwait(false)
            : 0;
    }
}

/// <summary>Removes the oldest events: always the first ones that are left, so that what is kept has no holes.</summary>
internal static class EventRetention
{
    private const int MaxEvents = 2000;

    /// <summary>Bindings that keep every event name it in their deliveries until they are settled, dead letters included.</summary>
    private const string OldestNeededSql = """
        SELECT min(d.slot) FROM binding b CROSS JOIN delivery d ON d.binding_id = b.id WHERE b.keeps_every_event = 1
        """;

    private const string LowestCursorSql = "SELECT min(cursor) FROM binding";

    private const string FirstYoungerSql = "SELECT min(sequence) FROM event WHERE sequence > $1 AND sequence <= $2 AND occurred_at >= $3";

    private const string RevisionsSql =
        "SELECT study_id, revision FROM event WHERE sequence > $1 AND sequence <= $2 AND revision IS NOT NULL";

    /// <summary>Also takes older revisions, which were the newest of their study when their event went.</summary>
    private const string DropRevisionsSql = """
        DELETE FROM study_revision
        WHERE study_id = $1 AND revision <= $2 AND revision < (SELECT next_revision - 1 FROM study WHERE id = $1) AND NOT EXISTS (
            SELECT 1 FROM binding b CROSS JOIN delivery d ON d.binding_id = b.id AND d.study_id = $1 AND d.series_uid = '' AND d.sop_uid = ''
            WHERE d.revision = study_revision.revision)
        """;

    /// <summary>
    /// The highest number that no binding needs any more. Looks at many deliveries, so that it is read beside the writer: it only goes up.
    /// </summary>
    public static long ReadReleased(SqliteSession session) => session.InSnapshot(() =>
    {
        long released = Math.Min(EventQueries.Latest(session), LowestCursor(session));
        return session.Statement(OldestNeededSql, 0).RunScalar() is long needed ? Math.Min(released, needed - 1) : released;
    });

    /// <summary>There may be something to remove.</summary>
    public static bool IsAnyOlder(SqliteSession session, long released, long olderThan)
    {
        long removed = EventQueries.RemovedThrough(session);
        return LastOlder(session, removed, Math.Min(released, removed + 1), olderThan) > removed;
    }

    /// <summary>Removes events; answers how many.</summary>
    public static int Remove(SqliteSession session, long released, long olderThan)
    {
        long removed = EventQueries.RemovedThrough(session);
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

    /// <summary>The last number up to a limit before which all events are older.</summary>
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
