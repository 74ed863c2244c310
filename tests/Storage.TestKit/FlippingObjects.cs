using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>A real object store whose bytes flip on the way if a test asks for it, as in bad memory.</summary>
public sealed class FlippingObjects(IObjectStore inner) : IObjectStore
{
    private int _flips;

    /// <summary>Flips a bit of the object that is opened next.</summary>
    public bool FlipsNextRead
    {
        get => Volatile.Read(ref _flips) != 0;
        set => Volatile.Write(ref _flips, value ? 1 : 0);
    }

    public Task<IObjectUpload> BeginInstanceAsync(CancellationToken cancellationToken) => inner.BeginInstanceAsync(cancellationToken);

    public async Task<Stream> OpenReadAsync(ObjectKey key, long offset, long length, CancellationToken cancellationToken)
    {
        Stream stream = await inner.OpenReadAsync(key, offset, length, cancellationToken);
        return Interlocked.Exchange(ref _flips, 0) == 0 ? stream : new FlippingStream(stream);
    }

    public Task<StoredObject?> FindAsync(ObjectKey key, CancellationToken cancellationToken) => inner.FindAsync(key, cancellationToken);

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken)
        => inner.ListAsync(prefix, cancellationToken);

    private sealed class FlippingStream(Stream inner) : ForwardStream
    {
        private bool _isFlipped;

        public override long Length => inner.Length;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = await inner.ReadAsync(buffer, cancellationToken);
            if (count > 0 && !_isFlipped)
            {
                _isFlipped = true;
                buffer.Span[count / 2] ^= 1;
            }

            return count;
        }

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
