using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>The stores of an all-in-one with a folder and SQLite, which numbers events as it commits them.</summary>
internal sealed class OneProcessStores(string data, string objects) : IServerStores
{
    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["IMAGING__STORAGE__DATA"] = data, ["IMAGING__STORAGE__OBJECTS"] = objects };

    public Task<int> CountInstancesAsync() => Task.FromResult(Files("*.dcm").Count());

    public Task<int> CountUploadsAsync() => Task.FromResult(Files("*.tmp").Count());

    public Task<bool> AreEventsNumberedAsync() => Task.FromResult(true);

    public Task FlipAsync(string sopInstanceUid) => ChangeAsync(sopInstanceUid, bytes =>
    {
        bytes[bytes.Length / 2] ^= 1;
        return bytes;
    });

    public Task CutAsync(string sopInstanceUid) => ChangeAsync(sopInstanceUid, bytes => bytes[..(bytes.Length / 2)]);

    public Task RemoveAsync(string sopInstanceUid)
    {
        File.Delete(FileOf(sopInstanceUid));
        return Task.CompletedTask;
    }

    public Task RemoveAllAsync()
    {
        foreach (string file in Files("*.dcm"))
        {
            File.Delete(file);
        }

        return Task.CompletedTask;
    }

    private string FileOf(string sopInstanceUid) => Files("*.dcm").Single(file => file.Contains($"/{sopInstanceUid}/", StringComparison.Ordinal));

    private async Task ChangeAsync(string sopInstanceUid, Func<byte[], byte[]> change)
        => await File.WriteAllBytesAsync(FileOf(sopInstanceUid), change(await File.ReadAllBytesAsync(FileOf(sopInstanceUid))));

    private IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(objects, pattern, SearchOption.AllDirectories);
}
