using ImagingIngestion.Manifest.Ports;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>What is looked at before a manifest database is served from.</summary>
internal static class SqliteGuard
{
    private const int InstallationIdLength = 32;

    /// <summary>
    /// The file is the manifest of one process: the lock is held as long as the answer is not disposed, and goes with the process.
    /// </summary>
    /// <exception cref="ManifestUnavailableException">Another process has it.</exception>
    public static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException exception)
        {
            throw new ManifestUnavailableException(
                $"Another process serves from the manifest {path} already (it holds {path}.lock); end it, or give this one another with "
                    + "Storage:Manifest. The command check may run beside it.", exception)
            { NeedsOperator = true };
        }
    }

    /// <summary>Whoever closed the file last, cleanly, has removed its log.</summary>
    public static bool WasLeftOpen(string path) => new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };

    /// <summary>Reads every page once, so that damage is told at the start and not to the reader of that page.</summary>
    /// <exception cref="ManifestUnavailableException">It is damaged.</exception>
    public static void Check(SqliteConnection connection)
    {
        if (SqliteConnections.ReadText(connection, "PRAGMA quick_check(1)") != "ok")
        {
            throw new ManifestUnavailableException("The manifest database is damaged (PRAGMA quick_check). Restore it from a backup, then "
                + "run the command check.") { NeedsOperator = true };
        }
    }

    /// <summary>
    /// A manifest that knows nothing, beside objects of another: the file is a lost one that was made anew, or the wrong one.
    /// </summary>
    /// <exception cref="ManifestUnavailableException">There are such objects.</exception>
    public static void RefuseForeignObjects(SqliteConnection connection, SqliteManifestOptions options)
    {
        if (options.BeginsAnew
            || !Directory.Exists(options.ObjectsFolder)
            || SqliteConnections.ReadNumber(connection, "SELECT EXISTS (SELECT 1 FROM study)") == 1)
        {
            return;
        }

        string own = SqliteConnections.ReadText(connection, "SELECT id FROM installation");
        string? other = Directory.EnumerateDirectories(options.ObjectsFolder).FirstOrDefault(
            folder => IsInstallation(Path.GetFileName(folder), own) && HoldsMarker(folder));
        if (other is not null)
        {
            throw new ManifestUnavailableException(
                $"The manifest {options.Path} is empty, but {options.ObjectsFolder} holds the objects of another installation "
                    + $"({Path.GetFileName(other)}): restore the backup of its manifest. "
                + "To begin anew on purpose, set Storage:BeginAnew=true once (the other objects stay, and nobody finds them), or "
                + "Storage:Objects to another folder.")
            { NeedsOperator = true };
        }
    }

    private static bool IsInstallation(string name, string own)
        => name.Length == InstallationIdLength && name != own && name.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0;

    private static bool HoldsMarker(string folder)
        => Directory.EnumerateDirectories(folder).Any(space => Directory.Exists(Path.Combine(space, "_installation")));
}
