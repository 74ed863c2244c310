using Npgsql;

namespace ImagingIngestion.Storage.Postgres.Events;

/// <summary>Removes the oldest events: always the first ones that are left, so that what is kept has no holes.</summary>
internal static class PostgresEventRetention
{
    private const int MaxEvents = 2000;

    /// <summary>What no binding needs any more. Bindings that keep every event name it in their deliveries until they are settled, dead letters included.</summary>
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

    /// <summary>Looks at many deliveries, so that it is read before anything is locked: it only goes up.</summary>
    public static async Task<long> ReadReleasedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(ReleasedSql, connection);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as long? ?? throw EventLogFaults.Missing();
    }

    public static async Task<bool> IsAnyOlderAsync(NpgsqlConnection connection, long released, long olderThan, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand(IsAnyOlderSql, connection).With(released).With(olderThan);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>Removes events; answers how many.</summary>
    public static async Task<int> RemoveAsync(NpgsqlConnection connection, long released, long olderThan, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new NpgsqlCommand("SELECT imaging.remove_events_1($1, $2, $3)", connection).With(released).With(olderThan).With(MaxEvents);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as int? ?? throw EventLogFaults.Missing();
    }
}
