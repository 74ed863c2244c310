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
