using System.Net.Sockets;
using System.Security.Authentication;
using ImagingIngestion.Manifest.Ports;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Translates the errors of PostgreSQL for the port.</summary>
/// <remarks>The messages of PostgreSQL hold values, so only the SQLSTATE is passed on.</remarks>
internal static class PostgresErrors
{
    /// <summary>Npgsql reports in words only that TLS is required and the server has none.</summary>
    private const string NoTls = "SSL connection requested";

    /// <summary>Returns true if the database failed or cannot be reached, and false if this program is at fault.</summary>
    public static bool IsUnavailable(Exception exception)
        => exception is NpgsqlException or SocketException or IOException or TimeoutException;

    /// <summary>Returns true if the connection is gone, as those of a pool are after the server restarted; another one may work.</summary>
    public static bool IsBrokenConnection(Exception exception)
        => exception is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown }
            || (exception is NpgsqlException and not PostgresException && exception.InnerException is IOException or SocketException);

    /// <summary>Returns true if a value itself was refused; others can still be written.</summary>
    /// <remarks>The SQLSTATE is that of a data exception, an integrity constraint or a limit of the program.</remarks>
    public static bool IsRefusal(PostgresException exception)
        => exception.SqlState.StartsWith("22", StringComparison.Ordinal) || exception.SqlState.StartsWith("23", StringComparison.Ordinal)
            || exception.SqlState.StartsWith("54", StringComparison.Ordinal)
                || exception.SqlState == PostgresErrorCodes.CardinalityViolation;

    /// <summary>Returns true if the fault does not pass by itself.</summary>
    /// <remarks>
    /// These are SQLSTATE classes 0A, 28, 3D, 3F, 42 and XX, and 25006: no login, no database, no right, no such table or function, damaged
    /// pages, or a server that takes no changes.
    /// </remarks>
    public static bool NeedsOperator(PostgresException exception)
        => exception.SqlState[..2] is "0A" or "28" or "3D" or "3F" or "42" or "XX"
            || exception.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction;

    /// <summary>Returns true if a lock was waited for too long, or in a circle: nothing is written, and another try may succeed.</summary>
    public static bool IsLockConflict(PostgresException exception)
        => exception.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.SerializationFailure;

    /// <summary>Makes the exception of the port.</summary>
    /// <remarks>If the original holds words of the server, it is not kept as the inner exception.</remarks>
    public static ManifestUnavailableException ToUnavailable(Exception exception)
    {
        if (exception is PostgresException refused)
        {
            return new ManifestUnavailableException(Sentence(refused.SqlState))
            {
                IsFull = refused.SqlState == PostgresErrorCodes.DiskFull,
                IsRefusal = IsRefusal(refused),
                NeedsOperator = NeedsOperator(refused),
            };
        }

        if (exception.InnerException is AuthenticationException
            || (exception is NpgsqlException && exception.Message.StartsWith(NoTls, StringComparison.Ordinal)))
        {
            return new ManifestUnavailableException(
                "PostgreSQL offers no TLS, or a certificate that is not trusted. Turn its TLS on (ssl = on) and name its authority in "
                    + "DB_TLS_ROOT_CERTIFICATE; DB_TLS=prefer or disable sends everything unencrypted.", exception);
        }

        return exception.InnerException is PostgresException inner
            ? ToUnavailable(inner)
            : new ManifestUnavailableException(
                "PostgreSQL cannot be reached, or the connection to it was lost; check DB_HOST and DB_PORT, and that the server runs.",
                exception);
    }

    private static string Sentence(string sqlState) => sqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "PostgreSQL refused the user or its password; set DB_USER and DB_PASS to a user that may log in.",
        PostgresErrorCodes.InvalidCatalogName => "The database does not exist; create it, or set DB_NAME to one that does.",
        PostgresErrorCodes.InsufficientPrivilege =>
            "The user DB_USER lacks a right in the database DB_NAME; it must own the schema \"imaging\" and what is in it, or be allowed "
                + "to create it (GRANT CREATE ON DATABASE).",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.UndefinedFunction =>
            $"Something is missing in the schema \"imaging\" (SQLSTATE {sqlState}); restore the database as a whole, PostgreSQL's own log "
                + "names it.",
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted =>
            $"PostgreSQL found damaged data (SQLSTATE {sqlState}); restore the database from a backup, PostgreSQL's own log names the "
                + "place.",
        PostgresErrorCodes.TooManyConnections =>
            "PostgreSQL has no connection left; raise its max_connections, or lower DATASOURCE_MAX_SIZE of the processes that use it.",
        PostgresErrorCodes.DiskFull => "The disk of PostgreSQL is full; free or add space.",
        PostgresErrorCodes.ReadOnlySqlTransaction =>
            "PostgreSQL takes no changes now (it is a standby, or default_transaction_read_only is on); set DB_HOST to the primary server.",
        PostgresErrorCodes.LockNotAvailable => "A lock in the database could not be taken in time; try again later.",
        _ => $"PostgreSQL failed with SQLSTATE {sqlState}; its own log says more.",
    };
}

/// <summary>The faults of the row of <c>imaging.event_log</c>, which says how far the log goes.</summary>
/// <remarks>Each message names what an operator does about it.</remarks>
internal static class EventLogFaults
{
    /// <summary>The row is missing: a dump is being restored, or somebody has deleted the row.</summary>
    public static ManifestUnavailableException Missing() => ForOperator(
        "The row of imaging.event_log is missing: no event gets a number, and feed and bindings get no events until the row is restored.");

    /// <summary>Another session holds the lock of the sequencers, but gives no numbers.</summary>
    public static ManifestUnavailableException Held(TimeSpan age) => ForOperator(
        $"Events have waited for their numbers for {age.TotalSeconds:0} s, because another session holds the advisory lock of the "
            + "sequencers and does nothing; end that session (pg_locks names it).");

    /// <summary>Returns the fault; null if the exception is none of these.</summary>
    public static ManifestUnavailableException? Of(PostgresException exception) => exception.SqlState switch
    {
        PostgresErrorCodes.NotNullViolation => Missing(),
        PostgresErrorCodes.UniqueViolation => ForOperator(
            "The next number of the event log is taken: imaging.event_log.latest is less than the newest number in imaging.event, "
                + "as after a restore of one table alone; restore both together."),
        _ => null,
    };

    private static ManifestUnavailableException ForOperator(string message) => new(message) { NeedsOperator = true };
}
