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

    protected override Task<IObjectStore> OpenAsync()
    {
        _opened = FolderObjectStore.Open(_folder.Path, TimeProvider.System);
        return Task.FromResult<IObjectStore>(_opened);
    }
}
