using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Hosting.Tests.Sweep;

/// <summary>A real object store that counts its listings and tells of deletions.</summary>
internal sealed class WatchedObjects(IObjectStore inner, string folder) : IObjectStore
{
    private readonly TaskCompletionSource<ObjectKey> _deleted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _listings;

    /// <summary>The first object of the folder that was deleted.</summary>
    public Task<ObjectKey> Deleted => _deleted.Task;

    /// <summary>Listings of the whole folder.</summary>
    public int Listings => Volatile.Read(ref _listings);

    public Task<IObjectUpload> BeginInstanceAsync(CancellationToken cancellationToken) => inner.BeginInstanceAsync(cancellationToken);

    public Task<Stream> OpenReadAsync(ObjectKey key, long offset, long length, CancellationToken cancellationToken) => inner.OpenReadAsync(key, offset, length, cancellationToken);

    public Task<StoredObject?> FindAsync(ObjectKey key, CancellationToken cancellationToken) => inner.FindAsync(key, cancellationToken);

    public async Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        await inner.DeleteAsync(key, cancellationToken);
        if (ObjectPath.Parse(key) is not null)
        {
            _deleted.TrySetResult(key);
        }
    }

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        if (prefix == folder)
        {
            Interlocked.Increment(ref _listings);
        }

        return inner.ListAsync(prefix, cancellationToken);
    }
}
