using Npgsql;

namespace ImagingIngestion.Storage;

/// <summary>Single commands on a connection of a pool. They are made without one, which is taken only for as long as they run.</summary>
internal static class PostgresCommands
{
    /// <summary>Runs a command and disposes of it; answers the number of changed rows.</summary>
    /// <exception cref="Grains.ManifestUnavailableException">The database cannot be reached, or failed.</exception>
    public static Task<int> ExecuteAsync(this NpgsqlDataSource pool, NpgsqlCommand command, CancellationToken cancellationToken)
        => PostgresConnections.RunAsync(
            pool,
            async (connection, token) =>
            {
                await using (command.ConfigureAwait(false))
                {
                    command.Connection = connection;
                    return await command.ExecuteNonQueryAsync(token).ConfigureAwait(false);
                }
            },
            cancellationToken);
}
