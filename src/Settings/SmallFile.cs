namespace ImagingIngestion.Settings;

/// <summary>Reads files of tokens, certificates and keys.</summary>
/// <remarks>A change of a file shows in its content only: a mounted Secret is a symbolic link that moves, and times say nothing.</remarks>
public static class SmallFile
{
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads a whole file of at most 1 MiB.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read or is too large; the message names no path.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            byte[] buffer = new byte[Math.Min(file.Length, MaxBytes) + 1];
            int length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length <= MaxBytes ? buffer[..length] : throw new InvalidDataException($"it is larger than {MaxBytes} bytes");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidDataException(
                $"it cannot be read ({exception.GetType().Name}); check that it exists and may be read", exception);
        }
    }
}
