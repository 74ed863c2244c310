using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests;

/// <summary>The stores of an all-in-one with a folder and SQLite, which numbers events as it commits them.</summary>
internal sealed class OneProcessStores(string data, string objects) : IServerStores
{
    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["IMAGING__STORAGE__DATA"] = data, ["IMAGING__STORAGE__OBJECTS"] = objects };

    public Task<int> CountInstancesAsync() => Task.FromResult(Files("*.dcm").Count());

    public Task<int> CountUploadsAsync() => Task.FromResult(Files("*.tmp").Count());

    public Task<bool> AreEventsNumberedAsync() => Task.FromResult(true);

    public async Task FlipAsync(string sopInstanceUid)
    {
        string file = Files("*.dcm").Single(file => file.Contains($"/{sopInstanceUid}/", StringComparison.Ordinal));
        byte[] bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
    }

    private IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(objects, pattern, SearchOption.AllDirectories);
}
