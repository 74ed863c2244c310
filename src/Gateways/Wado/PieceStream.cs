using ImagingIngestion.Manifest.Objects;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>The next bytes of a stream that goes on behind them, and stays open.</summary>
internal sealed class PieceStream(Stream inner, long length) : ForwardStream
{
    private long _left = length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= count;
        return count;
    }
}
