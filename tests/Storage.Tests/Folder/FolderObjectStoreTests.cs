using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Folder;
using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Storage.Tests.Folder;

public sealed class FolderObjectStoreTests : ObjectStoreConformance
{
    private readonly TemporaryFolder _folder = new();
    private FolderObjectStore? _opened;

    public override async Task DisposeAsync()
    {
        await _opened!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nothing_is_missing_while_the_volume_is_not_mounted()
    {
        ObjectKey key = new("a/b.dcm");
        Assert.Null(await _opened!.FindAsync(key, CancellationToken.None));
        string mounted = _folder.Path + ".mounted";
        Directory.Move(_folder.Path, mounted);
        Directory.CreateDirectory(_folder.Path);

        ObjectStoreException look = await Assert.ThrowsAsync<ObjectStoreException>(() => _opened.FindAsync(key, CancellationToken.None));
        ObjectStoreException read =
            await Assert.ThrowsAsync<ObjectStoreException>(() => _opened.OpenReadAsync(key, 0, 1, CancellationToken.None));

        Directory.Delete(_folder.Path);
        Directory.Move(mounted, _folder.Path);
        Assert.Equal((ObjectStoreFault.Unavailable, ObjectStoreFault.Unavailable), (look.Fault, read.Fault));
        Assert.Null(await _opened.FindAsync(key, CancellationToken.None));
    }

    [Fact]
    public async Task A_deleted_object_leaves_no_empty_folders_behind_and_those_of_others_stay()
    {
        await WriteAsync(new ObjectKey("a/b/c/d.dcm"), [1]);
        await WriteAsync(new ObjectKey("a/e/f.dcm"), [1]);

        await _opened!.DeleteAsync(new ObjectKey("a/b/c/d.dcm"), CancellationToken.None);
        Assert.Equal(["a", "a/e"], Folders());

        await _opened.DeleteAsync(new ObjectKey("a/e/f.dcm"), CancellationToken.None);
        Assert.Empty(Folders());
        await WriteAsync(new ObjectKey("a/e/g.dcm"), [1]);
        Assert.NotNull(await _opened.FindAsync(new ObjectKey("a/e/g.dcm"), CancellationToken.None));

        string[] Folders() => [.. Directory.GetDirectories(_folder.Path, "*", SearchOption.AllDirectories)
            .Select(folder => Path.GetRelativePath(_folder.Path, folder)).Where(folder => folder != ".uploads").Order(
                StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Objects_that_come_into_a_folder_while_others_leave_it_are_there()
    {
        await Parallel.ForAsync(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, token) =>
        {
            ObjectKey key = new($"a/b/c/d/{number}.dcm");
            await WriteAsync(key, [1]);
            Assert.NotNull(await _opened!.FindAsync(key, token));
            await _opened.DeleteAsync(key, token);
        });

        Assert.Equal([".uploads"], Directory.GetDirectories(_folder.Path).Select(Path.GetFileName));
    }

    protected override Task<IObjectStore> OpenAsync()
    {
        _opened = FolderObjectStore.Open(_folder.Path, TimeProvider.System);
        return Task.FromResult<IObjectStore>(_opened);
    }
}
