using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Translates the result codes of SQLite for the port.</summary>
/// <remarks>The messages of SQLite hold no values, but they are not passed on.</remarks>
internal static class SqliteErrors
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int Interrupt = 9;
    private const int IoError = 10;
    /// <summary>SQLite reports a full disk like this if the index of its log cannot grow.</summary>
    private const int IoErrorSharedMemorySize = 4874;

    private const int Corrupt = 11;
    private const int Full = 13;
    private const int TooBig = 18;
    private const int Constraint = 19;
    private const int Mismatch = 20;
    private const int NotADatabase = 26;

    /// <summary>Returns true if the statement was refused because of a value of its own; others can still be written.</summary>
    public static bool IsRefusal(SqliteException exception) => exception.SqliteErrorCode is TooBig or Constraint or Mismatch;

    /// <summary>Returns true if the file, or the disk under it, is damaged.</summary>
    public static bool IsDamage(SqliteException exception) => exception.SqliteErrorCode is Corrupt or NotADatabase
        || (exception.SqliteErrorCode == IoError && exception.SqliteExtendedErrorCode != IoErrorSharedMemorySize);

    public static bool IsInterrupt(SqliteException exception) => exception.SqliteErrorCode == Interrupt;

    public static ManifestUnavailableException ToUnavailable(SqliteException exception)
    {
        string message = exception.SqliteErrorCode switch
        {
            Busy or Locked => "The manifest database is locked by another program; try again later.",
            Full => "The file system of the manifest database is full; free or add space.",
            Corrupt or NotADatabase => $"The manifest database is damaged (SQLite result {exception.SqliteErrorCode}); restore it from a "
                + "backup, then run the command check.",
            IoError => $"The disk of the manifest database failed (SQLite result {exception.SqliteErrorCode}, extended "
                + $"{exception.SqliteExtendedErrorCode}); repair or replace it; the system log says more.",
            _ => $"The manifest database failed with SQLite result {exception.SqliteErrorCode} (extended "
                + $"{exception.SqliteExtendedErrorCode}).",
        };
        return new ManifestUnavailableException(message, exception)
        {
            IsFull = exception.SqliteErrorCode == Full,
            IsRefusal = IsRefusal(exception),
            NeedsOperator = IsDamage(exception),
        };
    }
}

/// <summary>Turns errors of SQLite into those of the port, and remembers damage of the file or its disk.</summary>
/// <remarks>Damage is logged and counted. The process is not ready until it is started again with a good file.</remarks>
internal sealed partial class SqliteFaults(ILogger logger)
{
    private const int FaultsPerLog = 100;

    private readonly RepeatedFault _faults = new(FaultsPerLog);
    private string? _damage;

    /// <summary>The damage, and how often it was met; null if none is known.</summary>
    public string? Damage => Volatile.Read(ref _damage) is { } damage ? $"{damage} It was met {_faults.Count} times." : null;

    public ManifestUnavailableException ToUnavailable(SqliteException exception)
    {
        ManifestUnavailableException fault = SqliteErrors.ToUnavailable(exception);
        if (SqliteErrors.IsDamage(exception))
        {
            Volatile.Write(ref _damage, fault.Message);
            if (_faults.Add(out int count))
            {
                LogDamage(logger, exception.SqliteErrorCode, exception.SqliteExtendedErrorCode, count, exception);
            }
        }

        return fault;
    }

    [LoggerMessage(2330, LogLevel.Critical, "The manifest database or its disk is damaged: SQLite result {Result} (extended {Extended}), "
        + "met {Count} times. Stop the process, and restore the file from a backup or repair the disk")]
    private static partial void LogDamage(ILogger logger, int result, int extended, int count, Exception error);
}
