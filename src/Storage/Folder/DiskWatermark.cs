using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Folder;

/// <summary>
/// Says no before a disk is full: what is under way can then still be finished, and so can the manifest where it lies on the same disk. The file
/// system is asked once a second.
/// </summary>
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
        if ((askedAt == NeverAsked || time.GetElapsedTime(askedAt) >= Interval) && Interlocked.CompareExchange(ref _askedAt, time.GetTimestamp(), askedAt) == askedAt)
        {
            _isLow = FreeBytes() is { } free && free < minFreeBytes;
        }

        if (_isLow)
        {
            throw new ObjectStoreException(ObjectStoreFault.Full, $"Fewer than {minFreeBytes} bytes are free on the object store's file system; free or add space.");
        }
    }

    /// <summary>Null where the file system does not tell: then the write that fails does.</summary>
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
