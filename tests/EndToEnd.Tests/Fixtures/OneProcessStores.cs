using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests;

/// <summary>The stores of an all-in-one with a folder and SQLite, which numbers events as it commits them.</summary>
internal sealed class OneProcessStores(string objects) : IServerStores
{
    public Task<int> CountInstancesAsync() => Task.FromResult(Files("*.dcm"));

    public Task<int> CountUploadsAsync() => Task.FromResult(Files("*.tmp"));

    public Task<bool> AreEventsNumberedAsync() => Task.FromResult(true);

    private int Files(string pattern) => Directory.EnumerateFiles(objects, pattern, SearchOption.AllDirectories).Count();
}
