using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Folder;

namespace ImagingIngestion.Hosting.Tests.Sweep;

/// <summary>The mark by which a manifest recognises its object store.</summary>
public sealed class StoreMarkTests : IAsyncLifetime
{
    private readonly SweepSite _site = new();
    private readonly DirectoryInfo _otherFolder = Directory.CreateTempSubdirectory("store-mark-");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _site.DisposeAsync();
        _otherFolder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_store_in_which_an_installation_began_is_known_again()
    {
        await New().OpenAsync(writes: true, CancellationToken.None);
        await _site.StoreAsync();

        await New().OpenAsync(writes: true, CancellationToken.None);
        await New().OpenAsync(writes: false, CancellationToken.None);

        Assert.Null(await New().FindFaultAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_store_is_refused_and_written_nothing_to(bool writes)
    {
        await New().OpenAsync(writes: true, CancellationToken.None);
        await using FolderObjectStore other = FolderObjectStore.Open(_otherFolder.FullName, _site.Time);

        ObjectStoreException refused =
            await Assert.ThrowsAsync<ObjectStoreException>(() => New(other).OpenAsync(writes, CancellationToken.None));

        Assert.Contains("no mark of this installation", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(await New(other).FindFaultAsync(CancellationToken.None));
        Assert.Empty(_otherFolder.GetFiles("*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Of_two_processes_that_begin_at_once_with_different_stores_one_is_refused()
    {
        await using FolderObjectStore other = FolderObjectStore.Open(_otherFolder.FullName, _site.Time);

        Exception?[] ends = await Task.WhenAll(
            Record.ExceptionAsync(() => New().OpenAsync(writes: true, CancellationToken.None)),
            Record.ExceptionAsync(() => New(other).OpenAsync(writes: true, CancellationToken.None)));

        Assert.IsType<ObjectStoreException>(Assert.Single(ends, end => end is not null));
    }

    /// <summary>Its instances are there, or one of them; other checks find lost ones.</summary>
    [Fact]
    public async Task A_store_of_a_version_that_knew_no_mark_is_known_by_what_is_in_it()
    {
        await _site.StoreAsync();
        await using FolderObjectStore other = FolderObjectStore.Open(_otherFolder.FullName, _site.Time);

        await Assert.ThrowsAsync<ObjectStoreException>(() => New(other).OpenAsync(writes: true, CancellationToken.None));
        await New().OpenAsync(writes: true, CancellationToken.None);

        await Assert.ThrowsAsync<ObjectStoreException>(() => New(other).OpenAsync(writes: true, CancellationToken.None));
        Assert.NotNull(await _site.Ledger.ReadStoreMarkAsync(SweepSite.Space, CancellationToken.None));
    }

    [Fact]
    public async Task A_store_that_an_operator_adopts_is_the_right_one()
    {
        await New().OpenAsync(writes: true, CancellationToken.None);
        await using FolderObjectStore other = FolderObjectStore.Open(_otherFolder.FullName, _site.Time);

        await New(other).AdoptAsync(CancellationToken.None);

        await New(other).OpenAsync(writes: true, CancellationToken.None);
        await New(other).TryWriteAsync(CancellationToken.None);
    }

    private StoreMark New(IObjectStore? objects = null) => new(_site.Ledger, objects ?? _site.Objects, SweepSite.Space);
}
