namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>A file that takes the room of a file system until it is disposed.</summary>
internal sealed class Ballast : IDisposable
{
    private readonly string _path;

    private Ballast(string path) => _path = path;

    /// <param name="folder">A folder on the file system.</param>
    /// <param name="leaveBytes">How much room stays.</param>
    public static Ballast Fill(string folder, long leaveBytes)
    {
        Ballast ballast = new(Path.Combine(folder, "ballast"));
        byte[] block = new byte[4096];
        using FileStream file = new(ballast._path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full to the last block: that is what it is for.
        }

        file.SetLength(Math.Max(0, file.Length - leaveBytes));
        return ballast;
    }

    public void Dispose() => File.Delete(_path);
}
