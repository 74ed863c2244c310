using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Bench;

/// <summary>An object store that takes everything and keeps nothing: what fills a manifest needs no objects.</summary>
internal sealed class NoObjects : IObjectStore, IDamagedObjects
{
    public Task<IObjectUpload> BeginInstanceAsync(CancellationToken cancellationToken) => Task.FromResult<IObjectUpload>(new Upload());

    public Task<Stream> OpenReadAsync(ObjectKey key, long offset, long length, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoredObject?> FindAsync(ObjectKey key, CancellationToken cancellationToken) => Task.FromResult<StoredObject?>(null);

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => Task.CompletedTask;

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => AsyncEnumerable.Empty<StoredObject>();

    public Task AddAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RemoveAsync(IReadOnlyCollection<ObjectKey> keys, CancellationToken cancellationToken) => Task.CompletedTask;

    private sealed class Upload : IObjectUpload
    {
        public ObjectKey? Key { get; set; }

        public long Length { get; private set; }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
        {
            Length += block.Length;
            return ValueTask.CompletedTask;
        }

        public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
