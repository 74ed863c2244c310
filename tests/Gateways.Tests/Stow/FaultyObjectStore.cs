using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Gateways.Tests.Stow;

/// <summary>A store that refuses every upload with one fault, as a full or read-only disk does.</summary>
internal sealed class FaultyObjectStore(Exception fault) : IObjectStore
{
    public FaultyObjectStore(ObjectStoreFault fault)
        : this(new ObjectStoreException(fault, "Refused."))
    {
    }

    public Task<IObjectUpload> BeginInstanceAsync(CancellationToken cancellationToken) => throw fault;

    public Task<Stream> OpenReadAsync(ObjectKey key, long offset, long length, CancellationToken cancellationToken)
        => throw new ObjectStoreException(ObjectStoreFault.NotFound, "Nothing is here.");

    public Task<StoredObject?> FindAsync(ObjectKey key, CancellationToken cancellationToken) => Task.FromResult<StoredObject?>(null);

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => Task.CompletedTask;

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken)
        => AsyncEnumerable.Empty<StoredObject>();
}
