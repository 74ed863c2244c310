using System.Globalization;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Checks the server and its database on every new physical connection, because all of it can change at run time.</summary>
/// <remarks>
/// It refuses settings that could lose acknowledged instances, a server that this program cannot use, and a database other than the one
/// that was opened.
/// </remarks>
internal sealed class PostgresServerCheck
{
    private const int LeastVersion = 130000;

    private const string Standby =
        "The PostgreSQL server is a standby that takes no changes, and may be behind; set DB_HOST to the primary server.";

    private const string ReadOnly =
        "PostgreSQL takes no changes (default_transaction_read_only is on); set it to off for the server, the database and the user "
            + "DB_USER.";

    private const string SettingsSql = """
        SELECT current_setting('server_version_num')::integer, current_setting('fsync'), current_setting('synchronous_commit'),
            current_setting('full_page_writes'), current_setting('server_encoding'), pg_is_in_recovery(),
            current_setting('transaction_read_only')
        """;

    private const string ManifestSql =
        "SELECT id || '-' || epoch, (SELECT coalesce(max(number), 0) FROM imaging.migration) FROM imaging.installation";

    /// <summary>The rights that this program needs but lacks.</summary>
    /// <remarks>Tables that only migrations write need to be readable.</remarks>
    private const string MissingRightsSql = """
        SELECT string_agg(needed.name || ' on ' || t.relname, ', ' ORDER BY t.relname, needed.name)
        FROM pg_catalog.pg_class t
        JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'imaging'
        CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS needed (name)
        WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition
            AND (needed.name = 'SELECT' OR t.relname NOT IN ('migration', 'installation'))
            AND NOT has_table_privilege(t.oid, needed.name)
        """;

    private const int MaxRightsLength = 200;

    private (string LogId, int Version)? _opened;

    /// <summary>Reads which manifest a database holds, and expects it on every connection from now on.</summary>
    /// <returns>The name of its event log.</returns>
    public async Task<string> ExpectAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(ManifestSql, connection);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await rows.ReadAsync(cancellationToken).ConfigureAwait(false);
        _opened = (rows.GetString(0), rows.GetInt32(1));
        return rows.GetString(0);
    }

    /// <summary>Returns why a connection must not be used; null if it may. A standby may be read.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="writes">Whether what it commits is acknowledged.</param>
    /// <param name="cancellationToken">Gives up the attempt.</param>
    public async Task<string?> FindFaultAsync(NpgsqlConnection connection, bool writes, CancellationToken cancellationToken)
    {
        ServerState state = await LookAsync(connection, cancellationToken).ConfigureAwait(false);
        return state.Unusable ?? (writes ? state.Loss ?? (state.IsStandby ? Standby : null) : null);
    }

    /// <summary>Returns why nothing can be read, or only data that may be old; null if everything can.</summary>
    public async Task<string?> FindReadingFaultAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        ServerState state = await LookAsync(connection, cancellationToken).ConfigureAwait(false);
        return state.Unusable ?? (state.IsStandby ? Standby : null);
    }

    /// <summary>Returns why nothing can be written; null if it can.</summary>
    public async Task<string?> FindWritingFaultAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        ServerState state = await LookAsync(connection, cancellationToken).ConfigureAwait(false);
        if ((state.Unusable ?? state.Loss ?? (state.IsStandby ? Standby : state.IsReadOnly ? ReadOnly : null)) is { } fault)
        {
            return fault;
        }

        await using NpgsqlCommand rights = new(MissingRightsSql, connection);
        return await rights.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string missing
            ? $"The user DB_USER lacks rights in the schema \"imaging\": {(missing.Length <= MaxRightsLength
                ? missing
                : missing[..MaxRightsLength] + " ...")}. Grant them to it."
            : null;
    }

    private async Task<ServerState> LookAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlBatch batch = new(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(SettingsSql));
        if (_opened is not null)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(ManifestSql));
        }

        ServerState state = new(null, null, false, false);
        try
        {
            await using NpgsqlDataReader rows = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await rows.ReadAsync(cancellationToken).ConfigureAwait(false);
            state = new ServerState(ServerFault(rows), LossFault(rows), rows.GetBoolean(5), rows.GetString(6) == "on");
            return state.Unusable is null && _opened is { } opened
                ? state with { Unusable = await ManifestFaultAsync(rows, opened, cancellationToken).ConfigureAwait(false) }
                : state;
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UndefinedTable
            or PostgresErrorCodes.InvalidSchemaName)
        {
            return state with
            {
                Unusable = "The database no longer holds a manifest; restore it, or start the process again to begin a new one."
            };
        }
    }

    private static string? ServerFault(NpgsqlDataReader settings)
    {
        if (settings.GetInt32(0) < LeastVersion)
        {
            return "The PostgreSQL server is too old: version 13 or newer is needed.";
        }

        return settings.GetString(4) != "UTF8"
            ? "The database does not hold UTF-8; create one with ENCODING 'UTF8', and set DB_NAME to it."
            : null;
    }

    private static string? LossFault(NpgsqlDataReader settings)
    {
        if (settings.GetString(1) == "off")
        {
            return "PostgreSQL runs with fsync=off and loses acknowledged instances when its machine stops; set fsync=on in "
                + "postgresql.conf.";
        }

        // Writing connections ask for it, so only something between client and server can turn it off.
        if (settings.GetString(2) == "off")
        {
            return "PostgreSQL runs with synchronous_commit=off and loses acknowledged instances when it stops: let the pooler pass on "
                + "the options of connections.";
        }

        return settings.GetString(3) == "off"
            ? "PostgreSQL runs with full_page_writes=off and can lose its tables when its machine stops; set full_page_writes=on in "
                + "postgresql.conf."
            : null;
    }

    /// <summary>Returns why the manifest is not the opened one.</summary>
    /// <remarks>A newer schema belongs to a newer program, beside which this one keeps working.</remarks>
    private static async Task<string?> ManifestFaultAsync(
        NpgsqlDataReader rows, (string LogId, int Version) opened, CancellationToken cancellationToken)
    {
        await rows.NextResultAsync(cancellationToken).ConfigureAwait(false);
        if (!await rows.ReadAsync(cancellationToken).ConfigureAwait(false) || rows.GetString(0) != opened.LogId)
        {
            return "The database holds a manifest other than the one that this process opened; restore that one, or start the process "
                + "again to use this one.";
        }

        return rows.GetInt32(1) >= opened.Version ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"The manifest database went back to schema version {rows.GetInt32(
                1)} from {opened.Version}, as after a restore; start the process again to bring it up to date.");
    }

    /// <param name="Unusable">Why it cannot be used at all.</param>
    /// <param name="Loss">Why a commit may be lost.</param>
    /// <param name="IsStandby">It takes no changes, and may be behind.</param>
    /// <param name="IsReadOnly">It takes no changes from this user.</param>
    private sealed record ServerState(string? Unusable, string? Loss, bool IsStandby, bool IsReadOnly);
}
