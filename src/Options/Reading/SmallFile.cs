namespace ImagingIngestion.Options;

/// <summary>
/// Reads files of tokens, certificates and keys. They are compared by content where a change matters: their times say nothing where a
/// mounted secret is a symbolic link that is moved.
/// </summary>
public static class SmallFile
{
    private const int MaxBytes = 1 << 20;

    /// <exception cref="InvalidDataException">It cannot be read, or is no such file; the message names no path.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            byte[] buffer = new byte[Math.Min(file.Length, MaxBytes) + 1];
            int length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length > MaxBytes ? throw new InvalidDataException($"it is larger than {MaxBytes} bytes") : buffer[..length];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidDataException(
                $"it cannot be read ({exception.GetType().Name}); check that it exists and may be read", exception);
        }
    }
}
