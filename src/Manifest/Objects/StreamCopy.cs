using System.Buffers;
using System.IO.Pipelines;

namespace ImagingIngestion.Manifest.Objects;

/// <summary>Copies an announced number of bytes, in pooled blocks, at the pace of the receiver.</summary>
public static class StreamCopy
{
    public const int BlockSize = 64 << 10;

    /// <summary>
    /// Large, because each block costs a read, a system call and a thread switch; the savings pay for the checksum of what is sent.
    /// </summary>
    private const int PipeBlockSize = 256 << 10;

    /// <exception cref="EndOfStreamException">The source is shorter than announced.</exception>
    public static async Task ToPipeAsync(Stream source, long length, PipeWriter output, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            Memory<byte> block = output.GetMemory((int)Math.Min(PipeBlockSize, length));
            int count = await source.ReadAsync(block[..(int)Math.Min(block.Length, length)], cancellationToken);
            ThrowIfEnded(count);
            output.Advance(count);
            length -= count;
            FlushResult flushed = await output.FlushAsync(cancellationToken);
            if (flushed.IsCompleted && length > 0)
            {
                throw new OperationCanceledException("The receiver has gone.");
            }
        }
    }

    /// <exception cref="EndOfStreamException">The source is shorter than announced.</exception>
    public static async Task ToStreamAsync(Stream source, long length, Stream target, CancellationToken cancellationToken)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            while (length > 0)
            {
                int count = await source.ReadAsync(block.AsMemory(0, (int)Math.Min(block.Length, length)), cancellationToken);
                ThrowIfEnded(count);
                await target.WriteAsync(block.AsMemory(0, count), cancellationToken);
                length -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <exception cref="EndOfStreamException">The source is shorter than announced.</exception>
    public static Task SkipAsync(Stream source, long length, CancellationToken cancellationToken)
        => ToStreamAsync(source, length, Stream.Null, cancellationToken);

    private static void ThrowIfEnded(int count)
    {
        if (count == 0)
        {
            throw new EndOfStreamException("A stored object is shorter than the manifest says; check the object store.");
        }
    }
}
