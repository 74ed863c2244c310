using System.Buffers;
using System.Security.Cryptography;

namespace ImagingIngestion.Storage.S3;

/// <summary>The bytes of one part in pooled blocks, which come as bytes do: a small object takes one block only.</summary>
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

    /// <summary>Reads the bytes that begin at a position and lie in one block; empty at the end.</summary>
    public ReadOnlySpan<byte> From(long position)
        => position >= Length ? [] : _blocks[(int)(position / BlockSize)].AsSpan(
            (int)(position % BlockSize), (int)Math.Min(BlockSize - (position % BlockSize), Length - position));

    /// <summary>The MD5 of all bytes, by which a server shows what it has.</summary>
    public byte[] ComputeMd5()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        for (long position = 0; From(position) is { IsEmpty: false } bytes; position += bytes.Length)
        {
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Gives the blocks back.</summary>
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

/// <summary>Reads a part; it can be read again, as retries need it.</summary>
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

/// <summary>
/// How large the parts of an upload are: small first, because nobody knows how long an object gets, then twice as large every thousand
/// parts, so that ten thousand of them hold the largest object that comes.
/// </summary>
internal static class PartSizes
{
    /// <summary>S3 takes no smaller part but the last.</summary>
    public const int First = 5 << 20;

    /// <summary>The most that one upload holds in memory.</summary>
    public const int Largest = 80 << 20;

    /// <summary>S3 takes no more parts.</summary>
    public const int MaxParts = 10_000;

    private const int PartsOfASize = 1_000;

    /// <summary>Bytes of the largest object: 542 GiB.</summary>
    public static long LargestObject { get; } = Enumerable.Range(1, MaxParts).Sum(number => (long)Of(number));

    /// <summary>Bytes of a part, by its number from 1.</summary>
    public static int Of(int number) => (int)Math.Min(Largest, (long)First << Math.Min((number - 1) / PartsOfASize, 20));
}
