using Microsoft.Extensions.Logging;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>
/// Passes on what Npgsql warns of, such as connections that it had to break, in words of our own: its texts hold statements, and those of the server hold values.
/// </summary>
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

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                LogWarned(logger, eventId.Name ?? eventId.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), exception?.GetType().Name, (exception as PostgresException)?.SqlState);
            }
        }

        [LoggerMessage(2320, LogLevel.Warning, "Npgsql warns: {Event} ({Error}, SQLSTATE {SqlState})")]
        private static partial void LogWarned(ILogger logger, string @event, string? error, string? sqlState);
    }
}
