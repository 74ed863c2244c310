using System.Runtime.InteropServices;
using ImagingIngestion.Manifest.Background;
using Microsoft.Win32.SafeHandles;

namespace ImagingIngestion.Storage.Folder;

/// <summary>
/// The state that all reads of a folder store share: the threads of the disk, and the files that stay open between reads.
/// </summary>
/// <param name="threads">The threads that wait for the disk.</param>
/// <param name="maxKept">Files that may stay open at once.</param>
internal sealed class FolderReads(DiskThreads threads, int maxKept)
{
    private int _kept;

    public DiskThreads Threads => threads;

    public CachedFile Cached { get; } = new();

    /// <summary>Returns true if one more file may stay open; <see cref="Close"/> gives its place back.</summary>
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

/// <summary>Opens and reads only files that the kernel has in memory, so that the caller's thread never waits for a disk.</summary>
/// <remarks>
/// Uses openat2(2) with RESOLVE_CACHED and preadv2(2) with RWF_NOWAIT. File systems that cannot promise that (NFS, overlays) and older
/// kernels refuse. Then all reads go through the threads of the disk.
/// </remarks>
internal sealed class CachedFile
{
    private bool _isSupported;

    /// <summary>Finds out whether the file system supports this. May wait for the disk.</summary>
    public void Probe(SafeFileHandle file)
    {
        Span<byte> one = stackalloc byte[1];
        _isSupported = Libc.ReadNoWait(file, one, 0) >= 0 || Marshal.GetLastPInvokeError() == Libc.EAGAIN;
    }

    /// <summary>Opens a file; returns null if that is impossible without waiting, or at all.</summary>
    public SafeFileHandle? TryOpen(string path) => Volatile.Read(ref _isSupported) ? Libc.OpenCached(path) : null;

    /// <summary>Reads from a file; returns how many bytes were in memory, 0 at the end of the file.</summary>
    public int TryRead(SafeFileHandle file, Span<byte> buffer, long offset)
        => Volatile.Read(ref _isSupported) ? (int)Math.Max(0, Libc.ReadNoWait(file, buffer, offset)) : 0;
}
