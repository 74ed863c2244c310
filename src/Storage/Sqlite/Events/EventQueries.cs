using ImagingIngestion.Grains;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage;

/// <summary>Reads the event log.</summary>
internal static class EventQueries
{
    /// <summary>The most rows that one read looks at, so that a filter that matches little does not make it long.</summary>
    private const int MaxScan = 4096;

    /// <summary>A page ends when its data exceed this, however many events were asked for: a revision of a large study has hundreds of kilobytes.</summary>
    private const long MaxPageBytes = 4 << 20;

    private const string LatestSql = "SELECT seq FROM sqlite_sequence WHERE name = 'event'";

    private const string RemovedSql = "SELECT removed_through FROM event_log";

    /// <summary>The revision is NULL in the events of instances, so that they find no row of a revision.</summary>
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

    private const string RevisionSql = """
        SELECT r.data FROM study s JOIN study_revision r ON r.study_id = s.id AND r.revision = $3
        WHERE s.study_uid = $1 AND s.provider = $2
        """;

    /// <summary>The highest number given so far, 0 before the first.</summary>
    public static long Latest(SqliteSession session) => (long?)session.Statement(LatestSql, 0).RunScalar() ?? 0;

    /// <summary>The highest number that retention has removed.</summary>
    public static long RemovedThrough(SqliteSession session) => (long)session.Statement(RemovedSql, 0).RunScalar()!;

    public static EventLogBounds Bounds(SqliteSession session) => session.InSnapshot(() => ReadBounds(session));

    public static EventPage Page(SqliteSession session, EventQuery query) => session.InSnapshot(() =>
    {
        EventLogBounds bounds = ReadBounds(session);
        if (bounds.IsExpired(query.After))
        {
            return new EventPage([], query.After, bounds, IsExpired: true);
        }

        long until = Math.Min(bounds.Latest, query.After > long.MaxValue - MaxScan ? long.MaxValue : query.After + MaxScan);
        long types = query.Types.Count == 0 ? -1 : query.Types.Aggregate(0L, (mask, type) => mask | (1L << (int)type));
        List<LoggedEvent> events = [];
        long bytes = 0;
        using SqliteDataReader rows = session.Statement(PageSql, 5).Query(query.After, until, types, query.Provider?.Value, query.Limit);
        while (bytes < MaxPageBytes && rows.Read())
        {
            events.Add(EventRow.Read(rows));
            bytes += events[^1].Content.Data.Length;
        }

        bool isFull = events.Count == query.Limit || bytes >= MaxPageBytes;
        return new EventPage(events, isFull ? events[^1].Sequence : Math.Max(until, query.After), bounds, IsExpired: false);
    });

    public static LoggedEvent? Find(SqliteSession session, long sequence)
    {
        using SqliteDataReader rows = session.Statement(FindSql, 1).Query(sequence);
        return rows.Read() ? EventRow.Read(rows) : null;
    }

    public static ReadOnlyMemory<byte>? FindRevision(SqliteSession session, StudyKey study, int revision)
        => session.Statement(RevisionSql, 3).RunScalar(study.Study.Value, study.Provider.Value, revision) is byte[] data ? data : default(ReadOnlyMemory<byte>?);

    private static EventLogBounds ReadBounds(SqliteSession session) => new(RemovedThrough(session) + 1, Latest(session));
}
