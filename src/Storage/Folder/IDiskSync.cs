using Microsoft.Win32.SafeHandles;

namespace ImagingIngestion.Storage.Folder;

/// <summary>Makes written data and folder entries survive a power loss; the seam at which tests let it fail.</summary>
internal interface IDiskSync
{
    /// <exception cref="IOException">The data is not known to be on disk, and trying again would not tell (the kernel reports a lost write once).</exception>
    void SyncFile(SafeFileHandle file);

    /// <exception cref="IOException">As for <see cref="SyncFile"/>, for the entries of the folder.</exception>
    void SyncFolder(string path);
}
