using ImagingIngestion.Storage.Folder;
using Microsoft.Win32.SafeHandles;

namespace ImagingIngestion.Storage.Tests.Folder;

/// <summary>Notes what was synced, in order, and fails where a test wants it to.</summary>
internal sealed class FailingSync : IDiskSync
{
    private readonly PosixDiskSync _disk = new();

    public bool FailFiles { get; set; }

    /// <summary>The ordinal of the folder sync that fails, counted from when it is set; negative for none.</summary>
    public int FailFolder { get; set; } = -1;

    public List<string> Synced { get; } = [];

    public void SyncFile(SafeFileHandle file)
    {
        if (FailFiles)
        {
            throw new IOException("injected", 5);
        }

        _disk.SyncFile(file);
        Synced.Add("file");
    }

    public void SyncFolder(string path)
    {
        if (FailFolder-- == 0)
        {
            throw new IOException("injected", 5);
        }

        _disk.SyncFolder(path);
        Synced.Add(path);
    }
}
