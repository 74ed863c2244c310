using ImagingIngestion.Manifest.Ports;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Checks a manifest database before a process serves from it.</summary>
internal static class SqliteGuard
{
    private const int InstallationIdLength = 32;

    /// <summary>Locks the file for this process until the result is disposed or the process ends.</summary>
    /// <exception cref="ManifestUnavailableException">Another process holds the lock.</exception>
    public static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException exception)
        {
            throw new ManifestUnavailableException(
                $"Another process already serves from the manifest {path} (it holds {path}.lock); end that process, or set "
                    + "Storage:Manifest of this one to another file. The command check may run at the same time.", exception)
            { NeedsOperator = true };
        }
    }

    /// <summary>Returns true if the last process did not close the file cleanly: a clean close removes the log.</summary>
    public static bool WasLeftOpen(string path) => new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };

    /// <summary>Reads every page once, so that damage shows at the start and not when somebody reads that page.</summary>
    /// <exception cref="ManifestUnavailableException">It is damaged.</exception>
    public static void Check(SqliteConnection connection)
    {
        if (SqliteConnections.ReadText(connection, "PRAGMA quick_check(1)") != "ok")
        {
            throw new ManifestUnavailableException(
                "The manifest database is damaged (PRAGMA quick_check). Restore it from a backup, then run the command check.")
            { NeedsOperator = true };
        }
    }

    /// <summary>Refuses an empty manifest beside objects of another installation.</summary>
    /// <remarks>Either the manifest was lost and created again, or it is the wrong file.</remarks>
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
                    + "To start with an empty manifest on purpose, set Storage:BeginAnew=true once (the other objects stay, but nothing "
                    + "finds them), or set Storage:Objects to another folder.")
            { NeedsOperator = true };
        }
    }

    private static bool IsInstallation(string name, string own)
        => name.Length == InstallationIdLength && name != own && name.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0;

    private static bool HoldsMarker(string folder)
        => Directory.EnumerateDirectories(folder).Any(space => Directory.Exists(Path.Combine(space, "_installation")));
}
