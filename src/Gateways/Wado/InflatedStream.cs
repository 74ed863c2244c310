using System.IO.Compression;
using ImagingIngestion.Manifest.Objects;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>An inflating stream that knows how far it has been read.</summary>
internal sealed class InflatedStream(DeflateStream inner) : ForwardStream
{
    private long _position;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken);
        _position += count;
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }
}
