using ImagingIngestion.Manifest.Background;
using Microsoft.Win32.SafeHandles;

namespace ImagingIngestion.Storage.Folder;

/// <summary>What all reads of a folder store share: the threads of the disk, and the files that stay open between two reads.</summary>
/// <param name="threads">For what waits for the disk.</param>
/// <param name="maxKept">Files that may stay open at once.</param>
internal sealed class FolderReads(DiskThreads threads, int maxKept)
{
    private int _kept;

    public DiskThreads Threads => threads;

    public CachedFile Cached { get; } = new();

    /// <summary>Whether one more file may stay open; <see cref="Close"/> gives its place back.</summary>
    public bool TryKeep()
    {
        if (Interlocked.Increment(ref _kept) <= maxKept)
        {
            return true;
        }

        Interlocked.Decrement(ref _kept);
        return false;
    }

    /// <summary>Closes a file that was kept.</summary>
    public void Close(SafeFileHandle file)
    {
        file.Dispose();
        Interlocked.Decrement(ref _kept);
    }
}
