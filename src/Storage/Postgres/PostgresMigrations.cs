using System.Globalization;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Brings the schema to the newest version.</summary>
/// <remarks>
/// The scripts are numbered and forward only. All missing ones run in one transaction under an advisory lock. A script only adds, so that
/// programs of an older version keep working.
/// </remarks>
internal static class PostgresMigrations
{
    private const string ResourcePrefix = "Postgres.Migrations.";

    /// <summary>"imaging" in ASCII: the process that migrates this schema holds this lock.</summary>
    internal const long LockKey = 0x69_6D_61_67_69_6E_67;

    /// <summary>Reads the catalog itself: to_regclass also remembers for the session that a table was not there.</summary>
    private const string IsThereSql = """
        SELECT EXISTS (
            SELECT 1 FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
            WHERE n.nspname = 'imaging' AND t.relname = 'migration')
        """;

    private const string VersionSql = "SELECT coalesce(max(number), 0) FROM imaging.migration";

    private const string BeginSql = "BEGIN; SET LOCAL lock_timeout = '30s'; SET LOCAL statement_timeout = '10min'; SET LOCAL "
        + "idle_in_transaction_session_timeout = '60s'";

    private const string InstallationSql = """
        INSERT INTO imaging.installation (id, epoch, created_at)
        SELECT $1, 1, imaging.now_us() WHERE NOT EXISTS (SELECT 1 FROM imaging.installation)
        """;

    private const string CreateSchemaSql = """
        DO $$
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'imaging') THEN
                CREATE SCHEMA imaging;
            END IF;
        END $$;
        CREATE TABLE imaging.migration (number integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())
        """;

    /// <exception cref="ManifestUnavailableException">The database is of a newer version than this program knows.</exception>
    public static async Task ApplyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        IReadOnlyList<MigrationScript> scripts = MigrationScripts.Of(ResourcePrefix);
        int newest = scripts[^1].Number;
        if (await VersionAsync(connection, newest, cancellationToken).ConfigureAwait(false) == newest)
        {
            return;
        }

        await ExecuteAsync(connection, BeginSql, cancellationToken).ConfigureAwait(false);
        try
        {
            await ExecuteAsync(
                connection,
                string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({LockKey})"),
                cancellationToken).ConfigureAwait(false);
            int version = await VersionAsync(connection, newest, cancellationToken).ConfigureAwait(false);
            foreach ((int number, string resource) in scripts.Where(script => script.Number > version))
            {
                if (number == 1)
                {
                    await ExecuteAsync(connection, CreateSchemaSql, cancellationToken).ConfigureAwait(false);
                }

                await ExecuteAsync(connection, MigrationScripts.Read(resource), cancellationToken).ConfigureAwait(false);
                await ExecuteAsync(
                    connection,
                    string.Create(CultureInfo.InvariantCulture, $"INSERT INTO imaging.migration (number) VALUES ({number})"),
                    cancellationToken).ConfigureAwait(false);
            }

            await using (NpgsqlCommand insert = new(InstallationSql, connection))
            {
                insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Guid.NewGuid().ToString("N") });
                await insert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }

            await ExecuteAsync(connection, "COMMIT", cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not PostgresException { SqlState: PostgresErrorCodes.AdminShutdown })
        {
            await RollBackAsync(connection, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<int> VersionAsync(NpgsqlConnection connection, int newest, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(IsThereSql, connection);
        if (!(bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!)
        {
            return 0;
        }

        command.CommandText = VersionSql;
        int version = (int)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        return version <= newest ? version : throw new ManifestUnavailableException(
            $"The manifest database has schema version {version}, this program knows up to {newest}: run a version at least as new as the "
                + "one that last migrated it.");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 660 };
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Rolls back; if the connection is lost, the server does so by itself.</summary>
    private static async Task RollBackAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, "ROLLBACK", cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgresErrors.IsUnavailable(exception) || exception is InvalidOperationException)
        {
        }
    }
}
