using System.Net.Sockets;
using System.Security.Authentication;
using ImagingIngestion.Manifest.Ports;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>What the errors of PostgreSQL mean to the port. Its messages hold values and are not passed on: only the SQLSTATE is.</summary>
internal static class PostgresErrors
{
    /// <summary>What Npgsql says, in words only, where TLS is required and the server has none.</summary>
    private const string NoTls = "SSL connection requested";

    /// <summary>The database failed or cannot be reached, rather than this program.</summary>
    public static bool IsUnavailable(Exception exception)
        => exception is NpgsqlException or SocketException or IOException or TimeoutException;

    /// <summary>The connection is gone, as those of a pool are after the server was restarted; another one may work.</summary>
    public static bool IsBrokenConnection(Exception exception)
        => exception is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown }
            || (exception is NpgsqlException and not PostgresException && exception.InnerException is IOException or SocketException);

    /// <summary>
    /// A value was refused for itself (data exceptions, integrity constraints, limits of the program); others can still be written.
    /// </summary>
    public static bool IsRefusal(PostgresException exception)
        => exception.SqlState.StartsWith("22", StringComparison.Ordinal) || exception.SqlState.StartsWith("23", StringComparison.Ordinal)
            || exception.SqlState.StartsWith("54", StringComparison.Ordinal)
                || exception.SqlState == PostgresErrorCodes.CardinalityViolation;

    /// <summary>
    /// It does not pass by itself (SQLSTATE classes 0A, 28, 3D, 3F, 42 and XX, and 25006): no login, no database, no right, no such table
    /// or function, damaged pages, a server that takes no changes.
    /// </summary>
    public static bool NeedsOperator(PostgresException exception)
        => exception.SqlState[..2] is "0A" or "28" or "3D" or "3F" or "42" or "XX"
            || exception.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction;

    /// <summary>A lock was waited for too long, or in a circle: nothing is written, and another try may do better.</summary>
    public static bool IsLockConflict(PostgresException exception)
        => exception.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.SerializationFailure;

    /// <summary>The original is not kept as the inner exception where it holds the server's own words.</summary>
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
                    + "DB_TLS_ROOT_CERTIFICATE; DB_TLS=prefer or disable sends everything unprotected.", exception);
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
        PostgresErrorCodes.LockNotAvailable => "A lock in the database was not to be had in time; try again later.",
        _ => $"PostgreSQL failed with SQLSTATE {sqlState}; its own log says more.",
    };
}
