using System.Buffers;
using ImagingIngestion.Manifest.Objects;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Reads a big endian value as little endian: each unit of 2, 4 or 8 bytes is reversed (PS3.5 section 7.3). The inner stream stands at the start of a unit.</summary>
internal sealed class ByteSwapStream(Stream inner, int unit) : ForwardStream
{
    private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(64 << 10);
    private int _position;
    private int _length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == _length)
        {
            int whole = _block.Length / unit * unit;
            _length = await inner.ReadAtLeastAsync(_block.AsMemory(0, whole), whole, throwOnEndOfStream: false, cancellationToken);
            _position = 0;
            for (int start = 0; start + unit <= _length; start += unit)
            {
                _block.AsSpan(start, unit).Reverse();
            }
        }

        int count = Math.Min(buffer.Length, _length - _position);
        _block.AsSpan(_position, count).CopyTo(buffer.Span);
        _position += count;
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        ArrayPool<byte>.Shared.Return(_block);
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }
}
