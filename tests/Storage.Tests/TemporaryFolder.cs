namespace ImagingIngestion.Storage.Tests;

/// <summary>A folder that is removed at the end of its test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("imaging-storage-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
