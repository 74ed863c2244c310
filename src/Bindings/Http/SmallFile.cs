namespace ImagingIngestion.Bindings;

/// <summary>
/// Reads files of tokens, certificates and keys. They are read whenever they are needed and compared by content: their times say nothing
/// where a mounted secret is a symbolic link that is moved.
/// </summary>
internal static class SmallFile
{
    private const int MaxBytes = 1 << 20;

    /// <exception cref="TargetException">It cannot be read, or is no such file.</exception>
    public static byte[] Read(string path, string what)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            byte[] buffer = new byte[Math.Min(file.Length, MaxBytes) + 1];
            int length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length > MaxBytes
                ? throw new TargetException($"The file of {what} ({path}) is larger than {MaxBytes} bytes; name the right file.")
                : buffer[..length];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TargetException($"The file of {what} ({path}) cannot be read: {exception.GetType().Name}. Check that it exists and may be read.", exception);
        }
    }
}
