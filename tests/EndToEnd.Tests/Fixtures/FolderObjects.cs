using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests;

/// <summary>The object store of an all-in-one with a folder.</summary>
internal sealed class FolderObjects(string folder) : IStoredObjects
{
    public Task<int> CountInstancesAsync() => Task.FromResult(Files("*.dcm"));

    public Task<int> CountUploadsAsync() => Task.FromResult(Files("*.tmp"));

    private int Files(string pattern) => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Count();
}
