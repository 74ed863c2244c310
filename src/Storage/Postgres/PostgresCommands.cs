using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>
/// Single commands on a connection of a pool, which is taken only for as long as they run: they are made without one, and disposed of here.
/// What they throw is what <see cref="PostgresConnections.RunAsync{T}"/> makes of it.
/// </summary>
internal static class PostgresCommands
{
    /// <summary>Answers the number of changed rows.</summary>
    public static Task<int> ExecuteAsync(this NpgsqlDataSource pool, NpgsqlCommand command, CancellationToken cancellationToken)
        => RunAsync(pool, command, command.ExecuteNonQueryAsync, cancellationToken);

    /// <summary>Reads every row that a query finds.</summary>
    public static Task<IReadOnlyList<T>> ListAsync<T>(
        this NpgsqlDataSource pool, NpgsqlCommand query, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
        => RunAsync<IReadOnlyList<T>>(
            pool,
            query,
            async token =>
            {
                List<T> found = [];
                await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(token).ConfigureAwait(false);
                while (await rows.ReadAsync(token).ConfigureAwait(false))
                {
                    found.Add(read(rows));
                }

                return found;
            },
            cancellationToken);

    /// <summary>How long it is until something is due: the microseconds that a query tells, null where it finds nothing.</summary>
    public static Task<TimeSpan?> ReadDelayAsync(this NpgsqlDataSource pool, string sql, CancellationToken cancellationToken)
    {
        NpgsqlCommand query = new(sql);
        return RunAsync<TimeSpan?>(
            pool,
            query,
            async token => await query.ExecuteScalarAsync(token).ConfigureAwait(false) is long delay
                ? TimeSpan.FromMicroseconds(delay)
                : null,
            cancellationToken);
    }

    private static Task<T> RunAsync<T>(
        NpgsqlDataSource pool, NpgsqlCommand command, Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
        => PostgresConnections.RunAsync(
            pool,
            async (connection, token) =>
            {
                await using (command.ConfigureAwait(false))
                {
                    command.Connection = connection;
                    return await run(token).ConfigureAwait(false);
                }
            },
            cancellationToken);
}
