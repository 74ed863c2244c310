using ImagingIngestion.Grains;
using ImagingIngestion.Storage.TestKit;

namespace ImagingIngestion.Storage.Tests;

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
        ObjectStoreException read = await Assert.ThrowsAsync<ObjectStoreException>(() => _opened.OpenReadAsync(key, 0, 1, CancellationToken.None));

        Directory.Delete(_folder.Path);
        Directory.Move(mounted, _folder.Path);
        Assert.Equal((ObjectStoreFault.Unavailable, ObjectStoreFault.Unavailable), (look.Fault, read.Fault));
        Assert.Null(await _opened.FindAsync(key, CancellationToken.None));
    }

    protected override Task<IObjectStore> OpenAsync()
    {
        _opened = FolderObjectStore.Open(_folder.Path, TimeProvider.System);
        return Task.FromResult<IObjectStore>(_opened);
    }
}
