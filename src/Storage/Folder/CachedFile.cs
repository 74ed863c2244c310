using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImagingIngestion.Storage.Folder;

/// <summary>
/// Opens and reads files only as far as the kernel has them in memory, so that the caller's thread never waits for a disk.
/// </summary>
/// <remarks>
/// openat2(2) with RESOLVE_CACHED and preadv2(2) with RWF_NOWAIT. File systems that cannot promise it (NFS, overlays) and older kernels
/// refuse: then all reads go through the threads of the disk.
/// </remarks>
internal sealed class CachedFile
{
    private bool _isSupported;

    /// <summary>Finds out whether the file's file system can tell. May wait for the disk.</summary>
    public void Probe(SafeFileHandle file)
    {
        Span<byte> one = stackalloc byte[1];
        _isSupported = Libc.ReadNoWait(file, one, 0) >= 0 || Marshal.GetLastPInvokeError() == Libc.EAGAIN;
    }

    /// <summary>Null when it cannot be opened without waiting, or at all.</summary>
    public SafeFileHandle? TryOpen(string path) => Volatile.Read(ref _isSupported) ? Libc.OpenCached(path) : null;

    /// <summary>How many bytes were there; 0 when none were, or the file ends.</summary>
    public int TryRead(SafeFileHandle file, Span<byte> buffer, long offset)
        => Volatile.Read(ref _isSupported) ? (int)Math.Max(0, Libc.ReadNoWait(file, buffer, offset)) : 0;
}
