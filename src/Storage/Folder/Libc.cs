using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImagingIngestion.Storage.Folder;

/// <summary>The system calls that .NET does not offer: it can neither open a folder nor rename without replacing.</summary>
internal static partial class Libc
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EAGAIN = 11;
    public const int EACCES = 13;
    public const int EEXIST = 17;
    public const int EINVAL = 22;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int ENOSYS = 38;
    public const int EDQUOT = 122;

    public const int CloseOnExec = 0x80000;
    public const int CurrentDirectory = -100;
    public const uint RenameNoReplace = 1;

    private const long OpenAt2Number = 437;
    private const ulong ResolveCached = 0x20;
    private const int ReadWithoutWaiting = 8;

    private static readonly long PreadV2Number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 327 : 286;

    /// <summary>Opens a file for reading if the kernel need not ask the disk for its name; returns null otherwise.</summary>
    public static unsafe SafeFileHandle? OpenCached(string path)
    {
        OpenHow how = new() { Flags = CloseOnExec, Resolve = ResolveCached };
        long descriptor = OpenAt2(OpenAt2Number, CurrentDirectory, path, &how, (nuint)sizeof(OpenHow));
        return descriptor < 0 ? null : new SafeFileHandle((nint)descriptor, ownsHandle: true);
    }

    /// <summary>Reads what is in memory of the file; returns a negative number, and leaves the error behind, if nothing is.</summary>
    public static unsafe long ReadNoWait(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        fixed (byte* bytes = buffer)
        {
            IoVector vector = new() { Bytes = bytes, Length = (nuint)buffer.Length };
            return PreadV2(PreadV2Number, file, &vector, 1, (nint)offset, 0, ReadWithoutWaiting);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Fsync(SafeHandle descriptor);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RenameAt2(int oldDirectory, string oldPath, int newDirectory, string newPath, uint flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Link(string oldPath, string newPath);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial long OpenAt2(long number, long folder, string path, OpenHow* how, nuint size);

    /// <summary>The kernel takes the offset in two halves, of which a 64-bit system uses the first.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial long PreadV2(
        long number, SafeFileHandle file, IoVector* vectors, nint count, nint low, nint high, nint flags);

    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    private unsafe struct IoVector
    {
        public byte* Bytes;
        public nuint Length;
    }
}
