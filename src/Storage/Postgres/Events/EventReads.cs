using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres.Events;

/// <summary>Reads the event log.</summary>
internal static class EventReads
{
    private const string BoundsSql = "SELECT removed_through + 1, latest FROM event_log";

    /// <summary>The revision is NULL in the events of instances, so that they find no row of a revision.</summary>
    private const string Events = """
        event e
        JOIN study s ON s.id = e.study_id
        LEFT JOIN study_revision r ON r.study_id = e.study_id AND r.revision = e.revision
        """;

    /// <summary>Sizes are known without reading the data, which only the rows of the page are asked for.</summary>
    private const string PageSql = $"""
        SELECT {EventRow.Columns}
        FROM (
            SELECT sized.sequence, sum(sized.bytes) OVER (ORDER BY sized.sequence) - sized.bytes AS before
            FROM (
                SELECT e.sequence, coalesce(octet_length(e.data), octet_length(r.data), 0)::bigint AS bytes
                FROM {Events}
                WHERE e.sequence > $1 AND e.sequence <= $2 AND (($3 >> e.type) & 1) = 1 AND ($4::text IS NULL OR s.provider = $4)
                ORDER BY e.sequence LIMIT $5
            ) sized
        ) page
        JOIN {Events} ON e.sequence = page.sequence
        WHERE page.before < $6
        ORDER BY e.sequence
        """;

    private const string FindSql = $"SELECT {EventRow.Columns} FROM {Events} WHERE e.sequence = $1";

    private const string RevisionSql = """
        SELECT r.data FROM study s JOIN study_revision r ON r.study_id = s.id AND r.revision = $3
        WHERE s.study_uid = $1 AND s.provider = $2
        """;

    public static async Task<EventLogBounds> BoundsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(BoundsSql, connection);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await ReadBoundsAsync(rows, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Bounds and page are of one snapshot, so that what retention removes meanwhile is either read or told.</summary>
    public static async Task<EventPage> PageAsync(NpgsqlConnection connection, EventQuery query, CancellationToken cancellationToken)
    {
        EventRows page = new(query);
        await using NpgsqlBatch batch = new(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(BoundsSql));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(PageSql)
            .With(query.After).With(page.Through).With(page.Types).With(query.Provider?.Value).With(query.Limit).With(EventRows.MaxPageBytes));
        await using NpgsqlDataReader rows = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        EventLogBounds bounds = await ReadBoundsAsync(rows, cancellationToken).ConfigureAwait(false);
        if (bounds.IsExpired(query.After))
        {
            return new EventPage([], query.After, bounds, IsExpired: true);
        }

        await rows.NextResultAsync(cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            page.Add(rows);
        }

        return page.ToPage(bounds);
    }

    public static async Task<LoggedEvent?> FindAsync(NpgsqlConnection connection, long sequence, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand(FindSql, connection).With(sequence);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await rows.ReadAsync(cancellationToken).ConfigureAwait(false) ? EventRow.Read(rows) : null;
    }

    public static async Task<ReadOnlyMemory<byte>?> FindRevisionAsync(NpgsqlConnection connection, StudyKey study, int revision, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand(RevisionSql, connection).With(study.Study.Value).With(study.Provider.Value).With(revision);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is byte[] data ? data : default(ReadOnlyMemory<byte>?);
    }

    private static async Task<EventLogBounds> ReadBoundsAsync(NpgsqlDataReader rows, CancellationToken cancellationToken)
    {
        return await rows.ReadAsync(cancellationToken).ConfigureAwait(false) ? new EventLogBounds(rows.GetInt64(0), rows.GetInt64(1)) : throw EventLogFaults.Missing();
    }
}
