using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite.Events;

/// <summary>Reads the event log.</summary>
internal static class EventQueries
{
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
        => session.Statement(RevisionSql, 3).RunScalar(study.Study.Value, study.Provider.Value, revision) is byte[] data
            ? data
            : default(ReadOnlyMemory<byte>?);

    private static EventLogBounds ReadBounds(SqliteSession session) => new(RemovedThrough(session) + 1, Latest(session));
}
