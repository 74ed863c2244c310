using System.Buffers;
using System.Security.Cryptography;

namespace ImagingIngestion.Storage.S3;

/// <summary>The bytes of one part in pooled blocks, which are rented as bytes come: a small object takes one block only.</summary>
internal sealed class PartBuffer : IDisposable
{
    private const int BlockSize = 256 << 10;

    private readonly List<byte[]> _blocks = [];

    public int Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int within = Length % BlockSize;
            if (Length / BlockSize == _blocks.Count)
            {
                _blocks.Add(ArrayPool<byte>.Shared.Rent(BlockSize));
            }

            int count = Math.Min(bytes.Length, BlockSize - within);
            bytes[..count].CopyTo(_blocks[^1].AsSpan(within));
            Length += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Returns the bytes that begin at a position and lie in one block; empty at the end.</summary>
    public ReadOnlySpan<byte> From(long position)
        => position >= Length ? [] : _blocks[(int)(position / BlockSize)].AsSpan(
            (int)(position % BlockSize), (int)Math.Min(BlockSize - (position % BlockSize), Length - position));

    /// <summary>Returns the MD5 of all bytes, which shows what the server has stored.</summary>
    public byte[] ComputeMd5()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        for (long position = 0; From(position) is { IsEmpty: false } bytes; position += bytes.Length)
        {
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Returns the blocks to the pool.</summary>
    public void Clear()
    {
        foreach (byte[] block in _blocks)
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        _blocks.Clear();
        Length = 0;
    }

    public void Dispose() => Clear();
}

/// <summary>Reads a part; it can be read again, which retries need.</summary>
internal sealed class PartStream(PartBuffer part) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => part.Length;

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        int read = 0;
        while (read < buffer.Length && part.From(Position) is { IsEmpty: false } bytes)
        {
            int count = Math.Min(bytes.Length, buffer.Length - read);
            bytes[..count].CopyTo(buffer[read..]);
            read += count;
            Position += count;
        }

        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<int>(cancellationToken)
            : ValueTask.FromResult(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>The sizes of the parts of an upload.</summary>
/// <remarks>
/// The first parts are small, because nobody knows how long an object gets. The size doubles every thousand parts, so that ten thousand of
/// them hold the largest object.
/// </remarks>
internal static class PartSizes
{
    /// <summary>The smallest size that S3 accepts for a part other than the last.</summary>
    public const int First = 5 << 20;

    /// <summary>The most that one upload holds in memory.</summary>
    public const int Largest = 80 << 20;

    /// <summary>The most parts that S3 accepts.</summary>
    public const int MaxParts = 10_000;

    private const int PartsOfASize = 1_000;

    /// <summary>The bytes of the largest object: 542 GiB.</summary>
    public static long LargestObject { get; } = Enumerable.Range(1, MaxParts).Sum(number => (long)Of(number));

    /// <summary>Returns the bytes of a part, by its number from 1.</summary>
    public static int Of(int number) => (int)Math.Min(Largest, (long)First << Math.Min((number - 1) / PartsOfASize, 20));
}
