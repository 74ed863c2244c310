using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;

namespace ImagingIngestion.Bindings.Http;

/// <summary>
/// Reads files of tokens, certificates and keys whenever they are needed, because they are rotated; what is wrong with one is a failure of
/// the call.
/// </summary>
/// <remarks>All bindings share the threads: a disk that does not answer holds up those that need its files, and nothing else.</remarks>
internal static class TargetFile
{
    private static readonly DiskThreads Threads = new("disk target", threads: 4, maxWaiting: 512);

    /// <exception cref="TargetException">It cannot be read, or is no such file.</exception>
    public static async Task<byte[]> ReadAsync(string path, string what, CancellationToken cancellationToken)
    {
        try
        {
            return await Threads.BeginAsync(() => SmallFile.Read(path), cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidDataException or ObjectStoreException)
        {
            throw new TargetException($"The file of {what} ({path}) cannot be used: {exception.Message.TrimEnd('.')}.", exception);
        }
    }
}
