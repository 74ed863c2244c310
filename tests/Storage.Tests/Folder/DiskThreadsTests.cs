using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Folder;

namespace ImagingIngestion.Storage.Tests.Folder;

/// <summary>New work is refused when too much waits for a slow disk, work that has begun is not; reads hold few files.</summary>
public sealed class DiskThreadsTests
{
    [Fact]
    public async Task What_begins_is_refused_when_too_much_waits_and_what_has_begun_goes_on()
    {
        using ManualResetEventSlim disk = new();
        await using DiskThreads threads = new("disk test", threads: 2, maxWaiting: 3);
        Task<int>[] stuck = [.. Enumerable.Range(0, 2).Select(number => BeginAsync(threads, disk, number))];
        Assert.True(SpinWait.SpinUntil(() => threads.Waiting == 0, TimeSpan.FromSeconds(30)));
        Task<int>[] waiting = [.. Enumerable.Range(2, 3).Select(number => BeginAsync(threads, disk, number))];

        ObjectStoreException refused = await Assert.ThrowsAsync<ObjectStoreException>(() => BeginAsync(threads, disk, 9));
        Task<int> further = threads.ContinueAsync(() => 5, CancellationToken.None);

        Assert.Equal(ObjectStoreFault.Unavailable, refused.Fault);
        disk.Set();
        int[] results = await Task.WhenAll([.. stuck, .. waiting, further]);
        Assert.Equal([0, 1, 2, 3, 4, 5], results);
    }

    [Fact]
    public async Task Reads_that_pause_hold_no_more_files_than_they_may()
    {
        using TemporaryFolder folder = new();
        await using FolderObjectStore store = FolderObjectStore.Open(
            folder.Path, TimeProvider.System, files: new FolderFiles { KeptReads = 3 });
        ObjectKey key = new("kept/object");
        byte[] bytes = new byte[100_000];
        Random.Shared.NextBytes(bytes);
        await using (IObjectUpload upload = await store.BeginInstanceAsync(CancellationToken.None))
        {
            upload.Key = key;
            await upload.WriteAsync(bytes, CancellationToken.None);
            await upload.CompleteAsync(CancellationToken.None);
        }

        List<Stream> paused = [];
        for (int number = 0; number < 20; number++)
        {
            paused.Add(await store.OpenReadAsync(key, 0, bytes.Length, CancellationToken.None));
            await paused[^1].ReadExactlyAsync(new byte[10]);
        }

        Assert.Equal(3, Directory.EnumerateFiles("/proc/self/fd").Count(
            file => new FileInfo(file).LinkTarget?.StartsWith(folder.Path, StringComparison.Ordinal) == true));
        foreach (Stream stream in paused)
        {
            using MemoryStream rest = new();
            await stream.CopyToAsync(rest);
            Assert.Equal(bytes[10..], rest.ToArray());
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_upload_beyond_its_share_of_files_waits_for_one_that_ends()
    {
        using TemporaryFolder folder = new();
        await using FolderObjectStore store = FolderObjectStore.Open(
            folder.Path, TimeProvider.System, files: new FolderFiles { Uploads = 0 });
        IObjectUpload first = await store.BeginInstanceAsync(CancellationToken.None);
        IObjectUpload second = await store.BeginInstanceAsync(CancellationToken.None);

        Task<IObjectUpload> third = store.BeginInstanceAsync(CancellationToken.None);
        Assert.False(third.IsCompleted);
        await first.DisposeAsync();

        await (await third).DisposeAsync();
        await second.DisposeAsync();
    }

    private static async Task<int> BeginAsync(DiskThreads threads, ManualResetEventSlim disk, int number)
        => await threads.BeginAsync(
            () =>
            {
                disk.Wait();
                return number;
            },
            CancellationToken.None);
}
