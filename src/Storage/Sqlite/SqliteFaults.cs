using ImagingIngestion.Manifest.Ports;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>
/// Turns errors of SQLite into those of the port, and remembers the ones that say that the file or its disk is damaged: they are logged and
/// counted, and the process is not ready until it was started again with a good file.
/// </summary>
internal sealed partial class SqliteFaults(ILogger logger)
{
    private const int FaultsPerLog = 100;

    private int _count;
    private string? _damage;

    /// <summary>What is damaged, and how often that was met; null where nothing is known to be.</summary>
    public string? Damage => Volatile.Read(ref _damage) is { } damage ? $"{damage} It was met {Volatile.Read(ref _count)} times." : null;

    public ManifestUnavailableException ToUnavailable(SqliteException exception)
    {
        ManifestUnavailableException fault = SqliteErrors.ToUnavailable(exception);
        if (SqliteErrors.IsDamage(exception))
        {
            Volatile.Write(ref _damage, fault.Message);
            int count = Interlocked.Increment(ref _count);
            if (count % FaultsPerLog == 1)
            {
                LogDamage(logger, exception.SqliteErrorCode, exception.SqliteExtendedErrorCode, count, exception);
            }
        }

        return fault;
    }

    [LoggerMessage(2330, LogLevel.Critical, "The manifest database or its disk is damaged: SQLite result {Result} (extended {Extended}), "
        + "met {Count} times. Stop the process, and restore the file from a backup or mend the disk")]
    private static partial void LogDamage(ILogger logger, int result, int extended, int count, Exception error);
}
