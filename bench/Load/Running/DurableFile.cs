using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImagingIngestion.Load.Running;

/// <summary>Writes that are on the disk when they return.</summary>
/// <remarks>They use Linux calls, because .NET opens no folder and has no fdatasync.</remarks>
public static class DurableFile
{
    private const int ReadOnly = 0;

    /// <summary>Writes a file under a temporary name, then fsync, rename, fsync of the folder.</summary>
    public static void Write(string folder, string name, ReadOnlySpan<byte> bytes)
    {
        string temporary = Path.Combine(folder, name + ".tmp");
        using (SafeFileHandle file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.Write(file, bytes, 0);
            Check(Fsync(file), "fsync");
        }

        File.Move(temporary, Path.Combine(folder, name));
        using SafeFileHandle directory = OpenFolder(folder);
        Check(Fsync(directory), "fsync of the folder");
    }

    /// <summary>Writes at the offset and waits until the bytes are on the disk.</summary>
    public static void WriteAndSyncData(SafeFileHandle file, ReadOnlySpan<byte> bytes, long at)
    {
        RandomAccess.Write(file, bytes, at);
        Check(Fdatasync(file), "fdatasync");
    }

    private static SafeFileHandle OpenFolder(string path)
    {
        SafeFileHandle handle = Open(path, ReadOnly);
        return handle.IsInvalid
            ? throw new IOException("open of the folder failed", new Win32Exception(Marshal.GetLastPInvokeError()))
            : handle;
    }

    private static void Check(int result, string call)
    {
        if (result != 0)
        {
            throw new IOException($"{call} failed", new Win32Exception(Marshal.GetLastPInvokeError()));
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern SafeFileHandle Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Fsync(SafeFileHandle file);

    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static extern int Fdatasync(SafeFileHandle file);
}
