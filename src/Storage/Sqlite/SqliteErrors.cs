using ImagingIngestion.Manifest.Ports;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>What the result codes of SQLite mean to the port. Its messages hold no values, but they are not passed on.</summary>
internal static class SqliteErrors
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int Interrupt = 9;
    private const int IoError = 10;
    /// <summary>What a full disk is called where the index of the log would grow.</summary>
    private const int IoErrorSharedMemorySize = 4874;

    private const int Corrupt = 11;
    private const int Full = 13;
    private const int TooBig = 18;
    private const int Constraint = 19;
    private const int Mismatch = 20;
    private const int NotADatabase = 26;

    /// <summary>The statement was refused for a value of its own; others can still be written.</summary>
    public static bool IsRefusal(SqliteException exception) => exception.SqliteErrorCode is TooBig or Constraint or Mismatch;

    /// <summary>The file, or the disk under it, is damaged.</summary>
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
                + $"{exception.SqliteExtendedErrorCode}); mend it, and look at its log.",
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
