using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Folder;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Storage.Tests.Folder;

/// <summary>The errors of the folder store when the file system is full.</summary>
public sealed class FolderFullTests
{
    [RootFact]
    public async Task A_full_file_system_is_told_and_takes_objects_again_when_there_is_room()
    {
        using SmallFileSystem small = new(megabytes: 4);
        await using FolderObjectStore store = FolderObjectStore.Open(small.Path, TimeProvider.System);

        ObjectStoreException fault = await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(store, "a/big", megabytes: 8));

        Assert.Equal(ObjectStoreFault.Full, fault.Fault);
        Assert.Empty(Directory.GetFiles(small.Path, "*", SearchOption.AllDirectories));
        await WriteAsync(store, "a/small", megabytes: 2);
    }

    [RootFact]
    public async Task A_file_system_that_became_read_only_is_told()
    {
        using SmallFileSystem small = new(megabytes: 4);
        await using FolderObjectStore store = FolderObjectStore.Open(small.Path, TimeProvider.System);
        await WriteAsync(store, "a/before", megabytes: 1);
        small.MakeReadOnly();

        ObjectStoreException fault = await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(store, "a/after", megabytes: 1));
        ObjectStoreException deletion =
            await Assert.ThrowsAsync<ObjectStoreException>(() => store.DeleteAsync(new ObjectKey("a/before"), CancellationToken.None));

        Assert.Equal((ObjectStoreFault.ReadOnly, ObjectStoreFault.ReadOnly), (fault.Fault, deletion.Fault));
        await using Stream read = await store.OpenReadAsync(new ObjectKey("a/before"), 0, 10, CancellationToken.None);
        Assert.Equal(10, read.Length);
    }

    [Fact]
    public void A_root_that_is_a_file_is_told_at_the_start()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "x");

        Assert.Throws<ObjectStoreException>(() => FolderObjectStore.Open(file, TimeProvider.System));
    }

    private static async Task WriteAsync(FolderObjectStore store, string key, int megabytes)
    {
        await using IObjectUpload upload = await store.BeginInstanceAsync(CancellationToken.None);
        upload.Key = new ObjectKey(key);
        for (int written = 0; written < megabytes; written++)
        {
            await upload.WriteAsync(new byte[1024 * 1024], CancellationToken.None);
        }

        await upload.CompleteAsync(CancellationToken.None);
    }
}
