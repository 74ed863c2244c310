using System.Collections.Concurrent;

namespace ImagingIngestion.Storage.Folder;

/// <summary>Creates folders, and remembers which of them this process knows to be durable.</summary>
/// <remarks>That a folder exists is not enough: another upload may have just created it and not yet synced its parent.</remarks>
internal sealed class DurableFolders(string root, IDiskSync sync) : IDisposable
{
    private const int MaxRemembered = 20_000;

    private readonly ConcurrentDictionary<string, bool> _durable = new(StringComparer.Ordinal);

    /// <summary>Held for writing while a folder is removed, and for reading while one is filled.</summary>
    /// <remarks>So no folder is removed just before it is filled, and a new folder is never taken for the durable one before it.</remarks>
    private readonly ReaderWriterLockSlim _removal = new();

    /// <summary>Puts an entry into a folder. The folder and those above it are created if missing, but not made durable.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="put">Puts an entry into it.</param>
    public void Fill(string folder, Action put)
    {
        _removal.EnterReadLock();
        try
        {
            Directory.CreateDirectory(folder);
            put();
        }
        finally
        {
            _removal.ExitReadLock();
        }
    }

    public void Dispose() => _removal.Dispose();

    /// <summary>Creates a folder and those above it that are missing; all are durable when this returns.</summary>
    public static void CreateAndSync(string folder, IDiskSync sync)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Directory.Exists(full) || Path.GetDirectoryName(full) is not { } parent)
        {
            return;
        }

        CreateAndSync(parent, sync);
        Directory.CreateDirectory(full);
        sync.SyncFolder(parent);
    }

    /// <summary>
    /// Syncs the folder's own entries, then from the deepest up every parent whose entry for its child may not be durable.
    /// </summary>
    /// <remarks>It is called after the rename: one journal commit then covers most of it.</remarks>
    public void SyncEntryAndAncestors(string folder)
    {
        sync.SyncFolder(folder);
        List<string> synced = [];
        for (string child = folder; !IsDurable(child) && child.Length > root.Length; child = Path.GetDirectoryName(child)!)
        {
            sync.SyncFolder(Path.GetDirectoryName(child)!);
            synced.Add(child);
        }

        Remember(synced);
    }

    /// <summary>Removes a folder and those above it, below the root, as long as they are empty.</summary>
    /// <remarks>An upload that is about to use one creates it again.</remarks>
    public void RemoveEmpty(string folder)
    {
        for (string child = folder; child.Length > root.Length && TryRemove(child); child = Path.GetDirectoryName(child)!)
        {
        }
    }

    private bool TryRemove(string folder)
    {
        try
        {
            if (Directory.EnumerateFileSystemEntries(folder).Any())
            {
                return false;
            }

            _removal.EnterWriteLock();
            try
            {
                Directory.Delete(folder);
                _durable.TryRemove(folder, out _);
                return true;
            }
            finally
            {
                _removal.ExitWriteLock();
            }
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            // Another process has put something there, or has removed it: an empty folder does no harm.
            return exception is DirectoryNotFoundException;
        }
    }

    private bool IsDurable(string folder)
    {
        _removal.EnterReadLock();
        try
        {
            return _durable.ContainsKey(folder);
        }
        finally
        {
            _removal.ExitReadLock();
        }
    }

    private void Remember(List<string> folders)
    {
        if (_durable.Count + folders.Count > MaxRemembered)
        {
            _durable.Clear();
        }

        foreach (string folder in folders)
        {
            _durable.TryAdd(folder, true);
        }
    }
}
