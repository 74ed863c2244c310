namespace ImagingIngestion.Storage.Tests;

/// <summary>A folder of one test, removed with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("imaging-storage-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
