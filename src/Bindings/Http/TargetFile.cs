using ImagingIngestion.Options;

namespace ImagingIngestion.Bindings;

/// <summary>Reads files of tokens, certificates and keys whenever they are needed, because they are rotated; what is wrong with one is a failure of the call.</summary>
internal static class TargetFile
{
    /// <exception cref="TargetException">It cannot be read, or is no such file.</exception>
    public static byte[] Read(string path, string what)
    {
        try
        {
            return SmallFile.Read(path);
        }
        catch (InvalidDataException exception)
        {
            throw new TargetException($"The file of {what} ({path}) cannot be used: {exception.Message}.", exception);
        }
    }
}
