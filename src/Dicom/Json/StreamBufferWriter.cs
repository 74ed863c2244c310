using System.Buffers;

namespace ImagingIngestion.Dicom.Json;

/// <summary>Lets a writer that wants a buffer write to a stream block by block. What is left is written by <see cref="Flush"/>.</summary>
internal sealed class StreamBufferWriter(Stream output) : IBufferWriter<byte>, IDisposable
{
    private const int BlockSize = 32 * 1024;

    private byte[] _block = ArrayPool<byte>.Shared.Rent(BlockSize);
    private int _used;

    public void Advance(int count) => _used += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(1, sizeHint));
        return _block.AsMemory(_used);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Flush()
    {
        output.Write(_block.AsSpan(0, _used));
        _used = 0;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_block);

    private void MakeRoom(int size)
    {
        if (_block.Length - _used >= size)
        {
            return;
        }

        Flush();
        if (_block.Length < size)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(size);
            ArrayPool<byte>.Shared.Return(_block);
            _block = larger;
        }
    }
}
