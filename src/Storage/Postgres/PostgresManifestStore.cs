using ImagingIngestion.Grains;
using ImagingIngestion.Options;
using Npgsql;

namespace ImagingIngestion.Storage;

/// <summary>The manifest in a PostgreSQL database, for a cluster of any number of processes (design D1, D6).</summary>
public sealed class PostgresManifestStore : IAsyncDisposable
{
    private readonly PostgresConnections _connections;

    private PostgresManifestStore(PostgresConnections connections) => _connections = connections;

    /// <summary>Connects, looks at the server's settings, and brings the schema to the newest version. Meant for the start of a process.</summary>
    /// <exception cref="ManifestUnavailableException">The server cannot be reached or used; the message says what to change.</exception>
    public static async Task<PostgresManifestStore> OpenAsync(DatabaseOptions options, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        PostgresConnections connections = new(options);
        try
        {
            await PostgresConnections.RunAsync(connections.Grains, PrepareAsync, cancellationToken).ConfigureAwait(false);
            return new PostgresManifestStore(connections);
        }
        catch
        {
            await connections.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    private static async Task<bool> PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await PostgresMigrations.ApplyAsync(connection, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
