using System.Globalization;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>The connections of one process to its database.</summary>
/// <remarks>
/// Grains and searches have pools of their own, so that slow searches do not delay ingest. Together the pools keep to the most connections
/// that the process may open.
/// </remarks>
internal sealed class PostgresConnections : IAsyncDisposable
{
    /// <summary>The schema of all tables; nothing else in the database is touched.</summary>
    public const string Schema = "imaging";

    /// <summary>One connection listens, one numbers events.</summary>
    private const int BackgroundConnections = 2;

    /// <summary>Makes a connection plan each statement once.</summary>
    /// <remarks>
    /// Grains run the same few statements again and again, each by its keys. Because the table has parts, planning the rows of a batch
    /// takes far longer than reading them.
    /// </remarks>
    private const string GrainSettings = " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off";

    private const int PreparedStatements = 64;

    /// <summary>Overrides the settings of server, database and user: an answer must not be sent before its commit is durable.</summary>
    private const string WriterSettings = " -c synchronous_commit=on";

    private const string QuerySettings = " -c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read";

    /// <summary>Bounds every statement and wait, and lets plans use keys only.</summary>
    /// <remarks>
    /// A transaction that a frozen process has left open is rolled back. Every statement leads from few rows to others by their keys. The
    /// planner would join whole tables only if statistics are missing.
    /// </remarks>
    private const string SessionSettings =
        "-c lock_timeout=4s -c idle_in_transaction_session_timeout=10s -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c "
            + "tcp_keepalives_count=3 -c client_min_messages=error -c jit=off -c enable_hashjoin=off -c enable_mergejoin=off";

    private const int SecondsToConnect = 10;
    private const int SecondsBetweenKeepAlives = 15;

    /// <summary>After that the server is checked again, even if no connection breaks.</summary>
    private const int SecondsToLive = 300;

    private readonly PostgresServerCheck _check = new();
    private readonly NpgsqlLoggers _loggers;

    /// <param name="options">Where the database is, and how many connections the process may open.</param>
    /// <param name="loggers">Get the warnings of Npgsql.</param>
    public PostgresConnections(DatabaseOptions options, ILoggerFactory loggers)
    {
        _loggers = new NpgsqlLoggers(loggers);
        int queries = (options.MaxConnections - BackgroundConnections) / 2;
        Grains = Create(
            options,
            options.MaxConnections - BackgroundConnections - queries,
            statementSeconds: 20,
            "imaging grains",
            WriterSettings + GrainSettings,
            writes: true,
            PreparedStatements);
        Queries = Create(options, queries, statementSeconds: 60, "imaging queries", QuerySettings, writes: false);
        Background = Create(options, BackgroundConnections, statementSeconds: 20, "imaging background", WriterSettings, writes: true);
    }

    /// <summary>For reads and writes of grains and queues of work: short statements.</summary>
    public NpgsqlDataSource Grains { get; }

    /// <summary>For searches, retrieves and the event feed.</summary>
    /// <remarks>They only read, and the statements of one batch see the same snapshot.</remarks>
    public NpgsqlDataSource Queries { get; }

    /// <summary>For the sequencer of events and its listener.</summary>
    public NpgsqlDataSource Background { get; }

    /// <summary>Runs a read, and runs it again if its connection turns out to be broken.</summary>
    /// <remarks>The connections of a pool break when the server restarts.</remarks>
    /// <exception cref="ManifestUnavailableException">The database cannot be reached, or failed.</exception>
    public static async Task<T> ReadAsync<T>(
        NpgsqlDataSource pool, Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlConnection connection = await pool.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            return await read(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgresErrors.IsBrokenConnection(exception))
        {
            pool.Clear();
        }
        catch (Exception exception) when (PostgresErrors.IsUnavailable(exception))
        {
            throw PostgresErrors.ToUnavailable(exception);
        }

        return await RunAsync(pool, read, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs an action on a connection of a pool; faults of the database become the exception of the port.</summary>
    /// <exception cref="ManifestUnavailableException">The database cannot be reached, or failed.</exception>
    public static async Task<T> RunAsync<T>(
        NpgsqlDataSource pool, Func<NpgsqlConnection, CancellationToken, Task<T>> action, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlConnection connection = await pool.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            return await action(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgresErrors.IsUnavailable(exception))
        {
            throw PostgresErrors.ToUnavailable(exception);
        }
    }

    /// <summary>Brings the database to the newest schema; from now on, connections to another database are refused.</summary>
    /// <returns>The name of its event log.</returns>
    /// <exception cref="ManifestUnavailableException">The server cannot be reached or used; the message says what to change.</exception>
    public Task<string> PrepareAsync(CancellationToken cancellationToken) => RunAsync(
        Grains,
        async (connection, token) =>
        {
            await PostgresMigrations.ApplyAsync(connection, token).ConfigureAwait(false);
            return await _check.ExpectAsync(connection, token).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Returns why nothing can be read; null if it can.</summary>
    public Task<string?> FindReadingFaultAsync(CancellationToken cancellationToken)
        => LookAsync(Queries, _check.FindReadingFaultAsync, cancellationToken);

    /// <summary>Returns why nothing can be written; null if it can.</summary>
    public Task<string?> FindWritingFaultAsync(CancellationToken cancellationToken)
        => LookAsync(Grains, _check.FindWritingFaultAsync, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Background.DisposeAsync().ConfigureAwait(false);
        await Queries.DisposeAsync().ConfigureAwait(false);
        await Grains.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<string?> LookAsync(
        NpgsqlDataSource pool, Func<NpgsqlConnection, CancellationToken, Task<string?>> look, CancellationToken cancellationToken)
        => NoteFault(await RunAsync(pool, look, cancellationToken).ConfigureAwait(false));

    /// <exception cref="ManifestUnavailableException">The message names what to change.</exception>
    private async Task ExamineAsync(NpgsqlConnection connection, bool writes, CancellationToken cancellationToken)
    {
        if (NoteFault(await _check.FindFaultAsync(connection, writes, cancellationToken).ConfigureAwait(false)) is { } fault)
        {
            throw new ManifestUnavailableException(fault);
        }
    }

    /// <summary>Closes all idle connections after a fault.</summary>
    /// <remarks>What is wrong with one connection is wrong with the others: each is opened and checked again before its next use.</remarks>
    private string? NoteFault(string? fault)
    {
        if (fault is not null)
        {
            Background.Clear();
            Queries.Clear();
            Grains.Clear();
        }

        return fault;
    }

    private NpgsqlDataSource Create(
        DatabaseOptions options, int size, int statementSeconds, string name, string more, bool writes, int prepared = 0)
    {
        NpgsqlConnectionStringBuilder settings = new()
        {
            Host = options.Host,
            Port = options.Port,
            Database = options.Name,
            Username = options.User,
            Password = options.Password,
            SslMode = SslModeOf(options.Tls),
            RootCertificate = options.RootCertificate,
            ApplicationName = name,
            SearchPath = Schema,
            MaxPoolSize = size,
            Timeout = SecondsToConnect,
            CommandTimeout = statementSeconds + 5,
            CancellationTimeout = 2000,
            KeepAlive = 0,

            // A reset would drop the plans of the functions, and each commit would make them again. Nothing here changes a session.
            NoResetOnClose = true,
            TcpKeepAlive = true,
            TcpKeepAliveTime = SecondsBetweenKeepAlives,
            TcpKeepAliveInterval = SecondsBetweenKeepAlives,
            MaxAutoPrepare = prepared,
            ConnectionLifetime = SecondsToLive,
            AutoPrepareMinUsages = 2,
            IncludeErrorDetail = false,
            LogParameters = false,
            Options = string.Create(
                CultureInfo.InvariantCulture,
                $"-c statement_timeout={statementSeconds}s {SessionSettings}{more}"),
        };
        NpgsqlDataSourceBuilder builder = new NpgsqlDataSourceBuilder(settings.ConnectionString).UseLoggerFactory(_loggers);
        builder.UsePhysicalConnectionInitializer(
            static _ => throw new NotSupportedException("Connections are opened asynchronously."),
            connection => ExamineAsync(connection, writes, CancellationToken.None));
        return builder.Build();
    }

    private static SslMode SslModeOf(DatabaseTls tls) => tls switch
    {
        DatabaseTls.Disable => SslMode.Disable,
        DatabaseTls.Require => SslMode.Require,
        DatabaseTls.VerifyCA => SslMode.VerifyCA,
        DatabaseTls.VerifyFull => SslMode.VerifyFull,
        _ => SslMode.Prefer,
    };
}

/// <summary>Passes on the warnings of Npgsql, such as connections that it had to break, in words of our own.</summary>
/// <remarks>Its own texts hold statements, and those of the server hold values.</remarks>
internal sealed partial class NpgsqlLoggers(ILoggerFactory loggers) : ILoggerFactory
{
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => new Warnings(loggers.CreateLogger(categoryName));

    public void Dispose()
    {
        // The loggers belong to the process.
    }

    private sealed partial class Warnings(ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && logger.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                LogWarned(
                    logger,
                    eventId.Name ?? eventId.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    exception?.GetType().Name,
                    (exception as PostgresException)?.SqlState);
            }
        }

        [LoggerMessage(2320, LogLevel.Warning, "Npgsql warns: {Event} ({Error}, SQLSTATE {SqlState})")]
        private static partial void LogWarned(ILogger logger, string @event, string? error, string? sqlState);
    }
}
