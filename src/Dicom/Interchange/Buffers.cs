using System.Buffers;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>A value field that grows while it is collected; its memory is reused for the next one.</summary>
internal sealed class ValueBuffer : IDisposable
{
    private const int FirstSize = 4 << 10;

    /// <summary>Larger arrays are left to the garbage collector: a pool would keep them forever.</summary>
    private const int LargestPooled = 1 << 20;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstSize);

    public int Length { get; private set; }

    public int Capacity => _bytes.Length;

    /// <summary>The bytes appended since the last <see cref="Clear"/>; valid until more are appended.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Returns room for bytes; <see cref="Advance"/> counts those that were written.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
        {
            _bytes = Grow(_bytes, Length, (int)Math.Min(Math.Max(_bytes.Length * 2L, (long)Length + count), Array.MaxLength));
        }

        return _bytes.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    public void Append(byte one) => Append(new ReadOnlySpan<byte>(in one));

    public void Clear() => Length = 0;

    public void Dispose()
    {
        Return(_bytes);
        _bytes = [];
    }

    /// <summary>Moves the first bytes of a block into a larger one.</summary>
    public static byte[] Grow(byte[] block, int used, int size)
    {
        byte[] larger = size > LargestPooled ? GC.AllocateUninitializedArray<byte>(size) : ArrayPool<byte>.Shared.Rent(size);
        block.AsSpan(0, used).CopyTo(larger);
        Return(block);
        return larger;
    }

    /// <summary>Returns a block to its pool.</summary>
    public static void Return(byte[] block)
    {
        if (block.Length is > 0 and <= LargestPooled)
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}

/// <summary>Lets a writer that needs a stream write into a buffer writer.</summary>
internal sealed class BufferWriterStream(IBufferWriter<byte> output) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => output.Write(buffer);
}

/// <summary>Collects bytes in pooled blocks, without copies or large arrays until all of them are requested.</summary>
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

/// <summary>Lets a writer that needs a buffer write to a stream block by block; <see cref="Flush"/> writes the rest.</summary>
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
