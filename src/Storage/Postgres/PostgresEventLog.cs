using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>The numbered part of the event log of the manifest database.</summary>
/// <param name="logId">Names it.</param>
/// <param name="connections">To the database.</param>
/// <param name="signal">Wakes callers that wait for events.</param>
internal sealed class PostgresEventLog(string logId, PostgresConnections connections, EventSignal signal) : IEventLog
{
    public string LogId { get; } = logId;

    public Task<EventLogBounds> GetBoundsAsync(CancellationToken cancellationToken)
        => PostgresConnections.ReadAsync(connections.Queries, EventReads.BoundsAsync, cancellationToken);

    public Task<EventPage> ReadAsync(EventQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        return PostgresConnections.ReadAsync(
            connections.Queries, (connection, token) => EventReads.PageAsync(connection, query, token), cancellationToken);
    }

    public Task<LoggedEvent?> FindAsync(long sequence, CancellationToken cancellationToken)
        => PostgresConnections.ReadAsync(
            connections.Queries, (connection, token) => EventReads.FindAsync(connection, sequence, token), cancellationToken);

    public Task<ReadOnlyMemory<byte>?> FindRevisionAsync(StudyKey study, int revision, CancellationToken cancellationToken)
        => PostgresConnections.ReadAsync(
            connections.Queries,
            (connection, token) => EventReads.FindRevisionAsync(connection, study, revision, token),
            cancellationToken);

    public Task WaitAsync(long after, CancellationToken cancellationToken) => signal.WaitAsync(after, cancellationToken);

    public async Task<int> RemoveOlderAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        long limit = ColumnTime.ToColumn(olderThan);
        long released = await PostgresConnections.ReadAsync(
            connections.Queries, EventRetention.ReadReleasedAsync, cancellationToken).ConfigureAwait(false);
        bool isAny = await PostgresConnections.ReadAsync(
            connections.Queries,
            (connection, token) => EventRetention.IsAnyOlderAsync(connection, released, limit, token),
            cancellationToken).ConfigureAwait(false);
        return !isAny ? 0 : await PostgresConnections.RunAsync(
            connections.Grains,
            (connection, token) => EventRetention.RemoveAsync(connection, released, limit, token),
            cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Reads the event log.</summary>
internal static class EventReads
{
    private const string BoundsSql = "SELECT removed_through + 1, latest FROM event_log";

    /// <summary>Events of instances have no revision, so they join no row of a revision.</summary>
    private const string Events = """
        event e
        JOIN study s ON s.id = e.study_id
        LEFT JOIN study_revision r ON r.study_id = e.study_id AND r.revision = e.revision
        """;

    /// <summary>Sizes are known without reading the data, which are read only for the rows of the page.</summary>
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

    public static async Task<EventLogBounds> BoundsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(BoundsSql, connection);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await ReadBoundsAsync(rows, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads bounds and page from one snapshot: either an event is read, or the bounds say that retention removed it.</summary>
    public static async Task<EventPage> PageAsync(NpgsqlConnection connection, EventQuery query, CancellationToken cancellationToken)
    {
        EventRows page = new(query);
        await using NpgsqlBatch batch = new(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(BoundsSql));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(PageSql)
            .With(query.After)
            .With(page.Through)
            .With(page.Types)
            .With(query.Provider?.Value)
            .With(query.Limit)
            .With(EventRows.MaxPageBytes));
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

    public static async Task<ReadOnlyMemory<byte>?> FindRevisionAsync(
        NpgsqlConnection connection, StudyKey study, int revision, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand(EventRow.RevisionSql, connection).With(study.Study.Value)
            .With(study.Provider.Value)
            .With(revision);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is byte[] data
            ? data
            : default(ReadOnlyMemory<byte>?);
    }

    private static async Task<EventLogBounds> ReadBoundsAsync(NpgsqlDataReader rows, CancellationToken cancellationToken)
    {
        return await rows.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new EventLogBounds(rows.GetInt64(0), rows.GetInt64(1))
            : throw EventLogFaults.Missing();
    }
}

/// <summary>Removes the oldest events.</summary>
/// <remarks>It always removes the first events that are left, so that the log has no holes.</remarks>
internal static class EventRetention
{
    private const int MaxEvents = 2000;

    /// <summary>The highest number that is no longer needed by any binding.</summary>
    /// <remarks>Deliveries of bindings that keep every event name it until they are settled, dead letters included.</remarks>
    private const string ReleasedSql = """
        SELECT least(
            (SELECT l.latest FROM event_log l),
            (SELECT min(b.cursor) FROM binding b),
            (SELECT min(d.slot) - 1 FROM binding b JOIN delivery d ON d.binding_id = b.id WHERE b.keeps_every_event))
        """;

    private const string IsAnyOlderSql = """
        SELECT EXISTS (
            SELECT 1 FROM event_log l JOIN event e ON e.sequence = l.removed_through + 1
            WHERE e.sequence <= $1 AND e.occurred_at < $2)
        """;

    /// <summary>Reads the number before anything is locked, because it looks at many deliveries.</summary>
    /// <remarks>The number can only rise.</remarks>
    public static async Task<long> ReadReleasedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(ReleasedSql, connection);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as long? ?? throw EventLogFaults.Missing();
    }

    public static async Task<bool> IsAnyOlderAsync(
        NpgsqlConnection connection, long released, long olderThan, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand(IsAnyOlderSql, connection).With(released).With(olderThan);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>Removes events; returns how many.</summary>
    public static async Task<int> RemoveAsync(
        NpgsqlConnection connection, long released, long olderThan, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand("SELECT imaging.remove_events_1($1, $2, $3)", connection).With(released)
            .With(olderThan)
            .With(MaxEvents);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as int? ?? throw EventLogFaults.Missing();
    }
}
