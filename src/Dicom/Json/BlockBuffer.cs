using System.Buffers;

namespace ImagingIngestion.Dicom.Json;

/// <summary>Collects bytes in pooled blocks, so that many of them cost neither copies nor large arrays until the one that is asked for.</summary>
internal sealed class BlockBuffer : IBufferWriter<byte>, IDisposable
{
    private const int BlockSize = 64 * 1024;

    private readonly List<(byte[] Block, int Used)> _blocks = [];

    public void Advance(int count) => _blocks[^1] = (_blocks[^1].Block, _blocks[^1].Used + count);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_blocks.Count == 0 || _blocks[^1].Block.Length - _blocks[^1].Used < Math.Max(1, sizeHint))
        {
            _blocks.Add((ArrayPool<byte>.Shared.Rent(Math.Max(BlockSize, sizeHint)), 0));
        }

        return _blocks[^1].Block.AsMemory(_blocks[^1].Used);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public byte[] ToArray()
    {
        byte[] all = new byte[_blocks.Sum(block => block.Used)];
        int position = 0;
        foreach ((byte[] block, int used) in _blocks)
        {
            block.AsSpan(0, used).CopyTo(all.AsSpan(position));
            position += used;
        }

        return all;
    }

    public void Dispose()
    {
        _blocks.ForEach(block => ArrayPool<byte>.Shared.Return(block.Block));
        _blocks.Clear();
    }
}
