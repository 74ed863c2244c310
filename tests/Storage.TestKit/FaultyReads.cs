using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>A real object store that fails to find or open some objects, as if its network or permissions failed.</summary>
public sealed class FaultyReads(IObjectStore inner) : IObjectStore
{
    /// <summary>The fault of finding an object; null for none.</summary>
    public Func<ObjectKey, ObjectStoreException?> OnFind { get; set; } = _ => null;

    /// <summary>The fault of opening an object; null for none.</summary>
    public Func<ObjectKey, ObjectStoreException?> OnOpen { get; set; } = _ => null;

    public Task<IObjectUpload> BeginInstanceAsync(CancellationToken cancellationToken) => inner.BeginInstanceAsync(cancellationToken);

    public async Task<Stream> OpenReadAsync(ObjectKey key, long offset, long length, CancellationToken cancellationToken)
        => OnOpen(key) is { } fault ? throw fault : await inner.OpenReadAsync(key, offset, length, cancellationToken);

    public async Task<StoredObject?> FindAsync(ObjectKey key, CancellationToken cancellationToken)
        => OnFind(key) is { } fault ? throw fault : await inner.FindAsync(key, cancellationToken);

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken)
        => inner.ListAsync(prefix, cancellationToken);
}
