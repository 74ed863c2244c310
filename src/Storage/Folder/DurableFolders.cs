using System.Collections.Concurrent;

namespace ImagingIngestion.Storage;

/// <summary>
/// Creates folders and remembers which of them this process knows to be durable. That a folder exists is not enough: another upload may have
/// just created it and not yet synced its parent.
/// </summary>
internal sealed class DurableFolders(string root, IDiskSync sync)
{
    private const int MaxRemembered = 20_000;

    private readonly ConcurrentDictionary<string, bool> _durable = new(StringComparer.Ordinal);

    /// <summary>Creates the folder and those above it, up to the root, without making them durable.</summary>
    public static void Create(string folder) => Directory.CreateDirectory(folder);

    /// <summary>Creates a folder with those above it that are missing, durable when this returns.</summary>
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
    /// Syncs the folder's own entries, then from the deepest up every parent whose entry for its child is not known to be durable. Called
    /// after the rename: one journal commit then covers most of it.
    /// </summary>
    public void SyncEntryAndAncestors(string folder)
    {
        sync.SyncFolder(folder);
        List<string> synced = [];
        for (string child = folder; !_durable.ContainsKey(child) && child.Length > root.Length; child = Path.GetDirectoryName(child)!)
        {
            sync.SyncFolder(Path.GetDirectoryName(child)!);
            synced.Add(child);
        }

        Remember(synced);
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
