using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Runs single commands on a connection of a pool, which is taken only while they run.</summary>
/// <remarks>
/// The commands are created without a connection and disposed here. They throw what <see cref="PostgresConnections.RunAsync{T}"/> throws.
/// </remarks>
internal static class PostgresCommands
{
    /// <summary>Returns the number of changed rows.</summary>
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

    /// <summary>Reads the first row that a query finds; returns the default if it finds none.</summary>
    public static async Task<T?> FindAsync<T>(
        this NpgsqlDataSource pool, NpgsqlCommand query, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
        => (await pool.ListAsync(query, read, cancellationToken).ConfigureAwait(false)).FirstOrDefault();

    /// <summary>Returns the time until something is due: the microseconds that a query returns, or null if it finds nothing.</summary>
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

/// <summary>Adds parameters by position ($1, $2, ...) with the type of their value, so that nothing is boxed or guessed.</summary>
internal static class PostgresParameters
{
    public static NpgsqlCommand With<T>(this NpgsqlCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    public static NpgsqlBatchCommand With<T>(this NpgsqlBatchCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    /// <summary>Adds values whose types are known at run time only.</summary>
    public static NpgsqlCommand WithValues(this NpgsqlCommand command, IEnumerable<object?> values)
        => values.Aggregate(command, (known, value) => known.WithValue(value));

    /// <summary>Adds a text, a number, a list of them or null, as search conditions hold them.</summary>
    private static NpgsqlCommand WithValue(this NpgsqlCommand command, object? value) => value switch
    {
        string text => command.With(text),
        long number => command.With(number),
        int number => command.With((long)number),
        string[] texts => command.With(texts),
        long[] numbers => command.With(numbers),
        null => command.With<string?>(null),
        _ => throw new InvalidOperationException("A search has a value of an unknown type."),
    };
}
