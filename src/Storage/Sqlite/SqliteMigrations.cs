using System.Globalization;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Brings a database to the newest schema.</summary>
/// <remarks>
/// The scripts are numbered and forward only. Each runs in a transaction together with its number in <c>user_version</c>.
/// </remarks>
internal static class SqliteMigrations
{
    private const string ResourcePrefix = "Sqlite.Migrations.";

    /// <exception cref="ManifestUnavailableException">The database is of a newer version than this program knows.</exception>
    public static void Apply(SqliteConnection connection, TimeProvider timeProvider)
    {
        IReadOnlyList<MigrationScript> scripts = MigrationScripts.Of(ResourcePrefix);
        int newest = scripts[^1].Number;
        SqliteConnections.Execute(connection, "BEGIN IMMEDIATE");
        try
        {
            long version = SqliteConnections.ReadNumber(connection, "PRAGMA user_version");
            if (version > newest)
            {
                throw new ManifestUnavailableException(
                    $"The manifest database has schema version {version}, this program knows up to {newest}: run a version at least as new "
                        + "as the one that last opened it.");
            }

            foreach ((int number, string resource) in scripts.Where(script => script.Number > version))
            {
                SqliteConnections.Execute(connection, MigrationScripts.Read(resource));
                SqliteConnections.Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {number}"));
            }

            EnsureInstallation(connection, timeProvider);
            SqliteConnections.Execute(connection, "COMMIT");
        }
        catch
        {
            SqliteConnections.Execute(connection, "ROLLBACK");
            throw;
        }
    }

    /// <summary>Creates the id, which names this installation in its marker object, and the epoch.</summary>
    /// <remarks>The epoch changes when the manifest is restored or rebuilt (docs/design.md, "Sweeping").</remarks>
    private static void EnsureInstallation(SqliteConnection connection, TimeProvider timeProvider)
    {
        using SqliteStatement insert = new(
            connection,
            "INSERT INTO installation (id, epoch, created_at) SELECT $1, 1, $2 WHERE NOT EXISTS (SELECT 1 FROM installation)",
            2);
        insert.Run(Guid.NewGuid().ToString("N"), ColumnTime.ToColumn(timeProvider.GetUtcNow()));
    }
}
