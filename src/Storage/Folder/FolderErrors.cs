using System.Runtime.InteropServices;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Folder;

/// <summary>Translates the errors of the file system for the port.</summary>
/// <remarks>Messages name what failed, never a path with UIDs that a peer has chosen.</remarks>
internal static class FolderErrors
{
    /// <summary>Returns the error of the last system call.</summary>
    public static IOException Last(string operation) => From(Marshal.GetLastPInvokeError(), operation);

    /// <summary>Returns an error number as the exception of .NET's own file functions: the number is the HResult.</summary>
    public static IOException From(int error, string operation)
        => new($"{operation} failed: {Marshal.GetPInvokeErrorMessage(error)}", error);

    public static bool IsFileSystemError(Exception exception) => exception is IOException or UnauthorizedAccessException;

    public static ObjectStoreException ToFault(Exception exception, string operation)
    {
        ObjectStoreFault fault = FaultOf(exception);
        string advice = fault switch
        {
            ObjectStoreFault.Full => "no space is left on the object store's file system; free or add space",
            ObjectStoreFault.ReadOnly => "the object store's folder cannot be written or read; check its mount and permissions",
            ObjectStoreFault.NotFound => "there is no such object",
            _ => "the file system reported an error; see the inner exception",
        };
        return new ObjectStoreException(fault, $"{operation}: {advice}.", exception);
    }

    private static ObjectStoreFault FaultOf(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => ObjectStoreFault.NotFound,
        UnauthorizedAccessException => ObjectStoreFault.ReadOnly,
        _ => exception.HResult switch
        {
            Libc.ENOSPC or Libc.EDQUOT => ObjectStoreFault.Full,
            Libc.EROFS or Libc.EACCES or Libc.EPERM => ObjectStoreFault.ReadOnly,
            _ => ObjectStoreFault.Unavailable,
        },
    };
}
