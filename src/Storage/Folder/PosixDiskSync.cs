using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImagingIngestion.Storage.Folder;

/// <summary>Makes written data and folder entries survive a power loss; tests replace it to let it fail.</summary>
internal interface IDiskSync
{
    /// <exception cref="IOException">
    /// The data may not be on disk, and another try would not tell: the kernel reports a lost write once.
    /// </exception>
    void SyncFile(SafeFileHandle file);

    /// <exception cref="IOException">As for <see cref="SyncFile"/>, for the entries of the folder.</exception>
    void SyncFolder(string path);
}

/// <summary>fsync(2) on files and folders.</summary>
internal sealed class PosixDiskSync : IDiskSync
{
    public void SyncFile(SafeFileHandle file)
    {
        if (Libc.Fsync(file) != 0)
        {
            throw FolderErrors.Last("fsync of a file");
        }
    }

    public void SyncFolder(string path)
    {
        int descriptor = Libc.Open(path, Libc.CloseOnExec);
        if (descriptor < 0)
        {
            throw FolderErrors.Last("open of a folder");
        }

        bool synced = Libc.Fsync(descriptor) == 0;
        int error = Marshal.GetLastPInvokeError();
        _ = Libc.Close(descriptor);
        if (!synced)
        {
            throw FolderErrors.From(error, "fsync of a folder");
        }
    }
}
