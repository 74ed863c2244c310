using ImagingIngestion.Grains;
using Npgsql;

namespace ImagingIngestion.Storage;

/// <summary>Refuses a server that could lose what it has acknowledged, or that this program cannot use.</summary>
internal static class PostgresServerCheck
{
    private const int LeastVersion = 130000;

    private const string SettingsSql = """
        SELECT current_setting('server_version_num')::integer, current_setting('fsync'), current_setting('synchronous_commit'),
            current_setting('full_page_writes'), current_setting('server_encoding'), pg_is_in_recovery()
        """;

    /// <exception cref="ManifestUnavailableException">Names the setting to change.</exception>
    public static async Task RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(SettingsSql, connection);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await rows.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (Fault(rows) is { } fault)
        {
            throw new ManifestUnavailableException(fault);
        }
    }

    private static string? Fault(NpgsqlDataReader settings)
    {
        if (settings.GetInt32(0) < LeastVersion)
        {
            return "The PostgreSQL server is too old: version 13 or newer is needed.";
        }

        if (settings.GetString(1) == "off")
        {
            return "PostgreSQL runs with fsync=off and loses acknowledged instances when its machine stops; set fsync=on in postgresql.conf.";
        }

        if (settings.GetString(2) == "off")
        {
            return "PostgreSQL runs with synchronous_commit=off and loses acknowledged instances when it stops; set synchronous_commit=on for the server, the database and the user DB_USER.";
        }

        if (settings.GetString(3) == "off")
        {
            return "PostgreSQL runs with full_page_writes=off and can lose its tables when its machine stops; set full_page_writes=on in postgresql.conf.";
        }

        if (settings.GetString(4) != "UTF8")
        {
            return "The database does not hold UTF-8; create one with ENCODING 'UTF8', and set DB_NAME to it.";
        }

        return settings.GetBoolean(5) ? "The PostgreSQL server is a standby that takes no changes; set DB_HOST to the primary server." : null;
    }
}
