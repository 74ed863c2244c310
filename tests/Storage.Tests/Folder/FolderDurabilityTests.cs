using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Folder;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;

namespace ImagingIngestion.Storage.Tests.Folder;

/// <summary>An object counts only when the disk has it, its name, and the names of the folders above it.</summary>
public sealed class FolderDurabilityTests : IAsyncLifetime
{
    private static readonly ObjectKey Key = new("p/study/series/sop/upload.dcm");

    private readonly TemporaryFolder _folder = new();
    private readonly FailingSync _sync = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private FolderObjectStore? _store;

    private string Uploads => Path.Combine(_folder.Path, ".uploads");

    public Task InitializeAsync()
    {
        _store = FolderObjectStore.Open(_folder.Path, _time, _sync);
        _sync.Synced.Clear();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _store!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Data_is_synced_first_then_every_folder_that_gained_a_name()
    {
        await WriteAsync(Key);

        Assert.Equal(
            ["file", .. new[] { "p/study/series/sop", "p/study/series", "p/study", "p", "" }.Select(
                folder => Path.TrimEndingDirectorySeparator(Path.Combine(_folder.Path, folder)))],
            _sync.Synced);
    }

    [Fact]
    public async Task Folders_known_to_be_durable_are_not_synced_again()
    {
        await WriteAsync(Key);
        _sync.Synced.Clear();

        await WriteAsync(new ObjectKey("p/study/series/sop2/upload.dcm"));

        Assert.Equal(
            ["file", Path.Combine(_folder.Path, "p/study/series/sop2"), Path.Combine(_folder.Path, "p/study/series")], _sync.Synced);
    }

    [Fact]
    public async Task A_folder_that_another_program_made_is_synced_too()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "p/study/series/sop"));

        await WriteAsync(Key);

        Assert.Equal(6, _sync.Synced.Count);
    }

    [Fact]
    public async Task A_failed_sync_of_the_data_is_no_success_and_leaves_nothing()
    {
        _sync.FailFiles = true;

        ObjectStoreException fault = await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(Key));

        Assert.Equal(ObjectStoreFault.Unavailable, fault.Fault);
        AssertNothingLeft();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_failed_sync_of_a_folder_is_no_success_and_leaves_nothing(int which)
    {
        _sync.FailFolder = which;

        await Assert.ThrowsAsync<ObjectStoreException>(() => WriteAsync(Key));

        AssertNothingLeft();
        _sync.Synced.Clear();
        await WriteAsync(Key);
        Assert.Contains(Path.Combine(_folder.Path, "p/study/series"), _sync.Synced);
    }

    [Fact]
    public async Task An_abandoned_upload_leaves_no_file()
    {
        await using (IObjectUpload upload = await _store!.BeginInstanceAsync(CancellationToken.None))
        {
            await upload.WriteAsync(new byte[2_000_000], CancellationToken.None);
            Assert.Single(Directory.GetFiles(Uploads));
        }

        AssertNothingLeft();
    }

    [Fact]
    public async Task Uploads_that_a_killed_process_left_are_removed_after_six_hours()
    {
        string stale = Path.Combine(Uploads, "stale.tmp");
        string fresh = Path.Combine(Uploads, "fresh.tmp");
        await File.WriteAllTextAsync(stale, "x");
        await File.WriteAllTextAsync(fresh, "x");
        File.SetLastWriteTimeUtc(stale, (_time.GetUtcNow() - TimeSpan.FromHours(6.1)).UtcDateTime);
        File.SetLastWriteTimeUtc(fresh, (_time.GetUtcNow() - TimeSpan.FromHours(5.9)).UtcDateTime);

        await using FolderObjectStore reopened = FolderObjectStore.Open(_folder.Path, _time, _sync);

        Assert.Equal([fresh], Directory.GetFiles(Uploads));
    }

    [Fact]
    public async Task Uploads_and_foreign_files_are_not_listed()
    {
        await WriteAsync(Key);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "foreign file"), "x");
        await using IObjectUpload open = await _store!.BeginInstanceAsync(CancellationToken.None);
        List<ObjectKey> keys = [];

        await foreach (StoredObject item in _store.ListAsync("", CancellationToken.None))
        {
            keys.Add(item.Key);
        }

        Assert.Equal([Key], keys);
    }

    private void AssertNothingLeft()
    {
        Assert.Empty(Directory.GetFiles(Uploads));
        Assert.False(File.Exists(Path.Combine(_folder.Path, Key.Value)));
    }

    private async Task WriteAsync(ObjectKey key)
    {
        await using IObjectUpload upload = await _store!.BeginInstanceAsync(CancellationToken.None);
        upload.Key = key;
        await upload.WriteAsync(new byte[] { 1 }, CancellationToken.None);
        await upload.CompleteAsync(CancellationToken.None);
    }
}

/// <summary>Notes what was synced, in order, and fails where a test asks for it.</summary>
internal sealed class FailingSync : IDiskSync
{
    private readonly PosixDiskSync _disk = new();

    public bool FailFiles { get; set; }

    /// <summary>The ordinal of the folder sync that fails, counted from when it is set; negative for none.</summary>
    public int FailFolder { get; set; } = -1;

    public List<string> Synced { get; } = [];

    public void SyncFile(SafeFileHandle file)
    {
        if (FailFiles)
        {
            throw new IOException("injected", 5);
        }

        _disk.SyncFile(file);
        Synced.Add("file");
    }

    public void SyncFolder(string path)
    {
        if (FailFolder-- == 0)
        {
            throw new IOException("injected", 5);
        }

        _disk.SyncFolder(path);
        Synced.Add(path);
    }
}
