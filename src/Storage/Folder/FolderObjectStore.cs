using System.Runtime.CompilerServices;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Folder;

/// <summary>Objects as files below one folder, each at the path of its key (docs/design.md, "Objects").</summary>
public sealed class FolderObjectStore : IObjectStore, IAsyncDisposable
{
    /// <summary>Older uploads belong to nobody: so late a commit would be refused.</summary>
    public static readonly TimeSpan MaxUploadAge = TimeSpan.FromHours(6);

    private const int WriteThreads = 24;
    private const int ReadThreads = 16;
    private const int MaxWaiting = 512;
    private const int MaxKeptFiles = 256;

    /// <summary>Places beyond the allowed uploads, for health checks of the store.</summary>
    private const int SpareUploads = 2;

    private static readonly TimeSpan UploadWait = TimeSpan.FromSeconds(30);
    private const int ListingBatch = 256;

    private readonly FolderLayout _layout;
    private readonly IDiskSync _sync;
    private readonly DurableFolders _folders;
    private readonly DiskThreads _writes = new("disk write", WriteThreads, MaxWaiting);
    private readonly FolderReads _reads;
    private readonly SemaphoreSlim _uploads;
    private readonly DiskWatermark _watermark;

    private FolderObjectStore(FolderLayout layout, IDiskSync sync, DiskWatermark watermark, FolderFiles files)
    {
        _reads = new FolderReads(new DiskThreads("disk read", ReadThreads, MaxWaiting), Math.Min(MaxKeptFiles, files.KeptReads));
        _uploads = new SemaphoreSlim((int)Math.Min(int.MaxValue, files.Uploads + (long)SpareUploads));
        _layout = layout;
        _watermark = watermark;
        _sync = sync;
        _folders = new DurableFolders(layout.Root, sync);
    }

    /// <summary>Opens the store in a folder, which is created if missing, and removes uploads that a killed process left behind.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="minFreeBytes">The free bytes below which no upload begins; 0 for no limit.</param>
    /// <param name="files">How many files may be open; null for no bound.</param>
    /// <exception cref="ObjectStoreException">The folder cannot be created or written.</exception>
    public static FolderObjectStore Open(string root, TimeProvider timeProvider, long minFreeBytes = 0, FolderFiles? files = null)
        => Open(root, timeProvider, new PosixDiskSync(), minFreeBytes, files);

    internal static FolderObjectStore Open(
        string root, TimeProvider timeProvider, IDiskSync sync, long minFreeBytes = 0, FolderFiles? files = null)
    {
        FolderLayout layout = new(root);
        try
        {
            DurableFolders.CreateAndSync(layout.Uploads, sync);
            RemoveStaleUploads(layout, timeProvider.GetUtcNow() - MaxUploadAge);
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            throw FolderErrors.ToFault(exception, "Opening the object store");
        }

        return new FolderObjectStore(layout, sync, new DiskWatermark(layout.Root, minFreeBytes, timeProvider), files ?? new FolderFiles());
    }

    public async Task<IObjectUpload> BeginInstanceAsync(CancellationToken cancellationToken)
    {
        if (!await _uploads.WaitAsync(UploadWait, cancellationToken).ConfigureAwait(false))
        {
            throw new ObjectStoreException(
                ObjectStoreFault.Unavailable, "No more files may be opened for uploads now; try again later.");
        }

        try
        {
            return await _writes.BeginAsync(Begin, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _uploads.Release();
            throw;
        }
    }

    public async Task<Stream> OpenReadAsync(ObjectKey key, long offset, long length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        try
        {
            return await FileRangeStream.OpenAsync(_reads, _layout.PathOf(key), offset, length, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectStoreException exception) when (exception.Fault == ObjectStoreFault.NotFound)
        {
            await _reads.Threads.ContinueAsync(ThrowIfFolderIsAway, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    public async Task<StoredObject?> FindAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        string path = _layout.PathOf(key);
        try
        {
            return await _writes.BeginAsync(() => Find(key, path) ?? Missing(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            throw FolderErrors.ToFault(exception, "Looking for an object");
        }
    }

    public async Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        string path = _layout.PathOf(key);
        try
        {
            await _writes.ContinueAsync(() => Delete(path), cancellationToken).ConfigureAwait(false);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            throw FolderErrors.ToFault(exception, "Deleting an object");
        }
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using IEnumerator<StoredObject> objects = Enumerate(prefix).GetEnumerator();
        while (true)
        {
            List<StoredObject> batch =
                await _reads.Threads.ContinueAsync(() => Take(objects, ListingBatch), cancellationToken).ConfigureAwait(false);
            foreach (StoredObject item in batch)
            {
                yield return item;
            }

            if (batch.Count < ListingBatch)
            {
                yield break;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _reads.Threads.DisposeAsync().ConfigureAwait(false);
        await _writes.DisposeAsync().ConfigureAwait(false);
        _folders.Dispose();
    }

    private void Delete(string path)
    {
        File.Delete(path);
        _folders.RemoveEmpty(Path.GetDirectoryName(path)!);
    }

    private IObjectUpload Begin()
    {
        _watermark.Check();
        return FolderObjectUpload.Open(_layout, _folders, _sync, _writes, () => _uploads.Release());
    }

    /// <summary>Returns null if the file does not exist; throws if it cannot be looked at, unlike <see cref="File.Exists"/>.</summary>
    private static StoredObject? Find(ObjectKey key, string path)
    {
        try
        {
            return File.GetAttributes(path).HasFlag(FileAttributes.Directory) ? null : Describe(key, new FileInfo(path));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private StoredObject? Missing()
    {
        ThrowIfFolderIsAway();
        return null;
    }

    /// <summary>Throws if the volume is not mounted: then an object that is not found is not missing.</summary>
    private void ThrowIfFolderIsAway()
    {
        if (!Directory.Exists(_layout.Uploads))
        {
            throw new ObjectStoreException(
                ObjectStoreFault.Unavailable, "The object store's folder is not as it was when it was opened; check its mount.");
        }
    }

    private static StoredObject Describe(ObjectKey key, FileInfo file)
        => new(key, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero));

    private static List<StoredObject> Take(IEnumerator<StoredObject> objects, int count)
    {
        List<StoredObject> batch = [];
        try
        {
            while (batch.Count < count && objects.MoveNext())
            {
                batch.Add(objects.Current);
            }
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            throw FolderErrors.ToFault(exception, "Listing objects");
        }

        return batch;
    }

    /// <summary>Skips files that are no objects of ours, and objects that vanish in the meantime.</summary>
    private IEnumerable<StoredObject> Enumerate(string prefix)
    {
        int lastSlash = prefix.LastIndexOf('/');
        string folder = lastSlash < 0 ? "" : prefix[..lastSlash];
        string start = folder.Length == 0 ? _layout.Root : Path.Combine(_layout.Root, folder);
        if ((folder.Length > 0 && !ObjectKey.IsValid(folder)) || !Directory.Exists(start))
        {
            yield break;
        }

        foreach (FileInfo file in new DirectoryInfo(start).EnumerateFiles("*", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint
        }))
        {
            if (_layout.TryGetKey(file.FullName, out ObjectKey key)
                && key.Value.StartsWith(prefix, StringComparison.Ordinal)
                && file.Exists)
            {
                yield return Describe(key, file);
            }
        }
    }

    private static void RemoveStaleUploads(FolderLayout layout, DateTimeOffset before)
    {
        IEnumerable<FileInfo> uploads = new DirectoryInfo(layout.Uploads).EnumerateFiles("*.tmp");
        foreach (FileInfo upload in uploads.Where(upload => upload.LastWriteTimeUtc < before.UtcDateTime))
        {
            upload.Delete();
        }
    }
}

/// <summary>How many files a folder store may have open.</summary>
public sealed record FolderFiles
{
    /// <summary>Objects that are written at the same time; one more waits.</summary>
    public int Uploads { get; init; } = int.MaxValue;

    /// <summary>Objects that stay open between two reads; others are opened for each read.</summary>
    public int KeptReads { get; init; } = int.MaxValue;
}

/// <summary>Refuses uploads before the disk is full.</summary>
/// <remarks>
/// Uploads that have begun can then still be finished, and so can the manifest if it is on the same disk. The file system is asked once a
/// second.
/// </remarks>
internal sealed class DiskWatermark(string root, long minFreeBytes, TimeProvider time)
{
    private const long NeverAsked = long.MinValue;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _askedAt = NeverAsked;
    private volatile bool _isLow;

    /// <exception cref="ObjectStoreException">Too little space is free.</exception>
    public void Check()
    {
        if (minFreeBytes == 0)
        {
            return;
        }

        long askedAt = Interlocked.Read(ref _askedAt);
        if ((askedAt == NeverAsked || time.GetElapsedTime(askedAt) >= Interval)
            && Interlocked.CompareExchange(ref _askedAt, time.GetTimestamp(), askedAt) == askedAt)
        {
            _isLow = FreeBytes() is { } free && free < minFreeBytes;
        }

        if (_isLow)
        {
            throw new ObjectStoreException(
                ObjectStoreFault.Full, $"Fewer than {minFreeBytes} bytes are free on the object store's file system; free or add space.");
        }
    }

    /// <summary>Returns null if the file system does not tell; then the write that fails does.</summary>
    private long? FreeBytes()
    {
        try
        {
            return new DriveInfo(root).AvailableFreeSpace;
        }
        catch (Exception exception) when (FolderErrors.IsFileSystemError(exception))
        {
            return null;
        }
    }
}
