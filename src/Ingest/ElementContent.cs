using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ImagingIngestion.Ingest;

/// <summary>The value field of one element as a forward stream, compared in little endian.</summary>
/// <param name="stream">The bytes as stored.</param>
/// <param name="length">How many of them belong to the value.</param>
/// <param name="swappedUnit">Bytes of a unit where the stored order is big endian, else 1.</param>
/// <param name="leaveOpen">The stream goes on after the value.</param>
internal sealed class ElementContent(Stream stream, long length, int swappedUnit, bool leaveOpen = false) : IAsyncDisposable
{
    private const int BlockSize = 64 << 10;

    private long _remaining = length;

    /// <summary>Equal but for one byte of padding at the end of the longer one.</summary>
    public static async Task<bool> AreEqualAsync(ElementContent left, ElementContent right, CancellationToken cancellationToken)
    {
        byte[] leftBlock = ArrayPool<byte>.Shared.Rent(BlockSize);
        byte[] rightBlock = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            while (true)
            {
                int leftCount = await left.ReadBlockAsync(leftBlock, cancellationToken);
                int rightCount = await right.ReadBlockAsync(rightBlock, cancellationToken);
                if (!BlocksEqual(leftBlock.AsSpan(0, leftCount), rightBlock.AsSpan(0, rightCount)))
                {
                    return false;
                }

                if (leftCount < BlockSize || rightCount < BlockSize)
                {
                    return left._remaining == 0 && right._remaining == 0;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(leftBlock);
            ArrayPool<byte>.Shared.Return(rightBlock);
        }
    }

    public ValueTask DisposeAsync() => leaveOpen ? ValueTask.CompletedTask : stream.DisposeAsync();

    private static bool BlocksEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int common = Math.Min(left.Length, right.Length);
        ReadOnlySpan<byte> rest = left.Length > common ? left[common..] : right[common..];
        return left[..common].SequenceEqual(right[..common]) && (rest.IsEmpty || (rest.Length == 1 && rest[0] == 0));
    }

    private async Task<int> ReadBlockAsync(byte[] block, CancellationToken cancellationToken)
    {
        int wanted = (int)Math.Min(BlockSize, _remaining);
        int count = await stream.ReadAtLeastAsync(block.AsMemory(0, wanted), wanted, throwOnEndOfStream: false, cancellationToken);
        _remaining = count < wanted ? 0 : _remaining - count;
        Swap(block.AsSpan(0, count));
        return count;
    }

    private void Swap(Span<byte> bytes)
    {
        bytes = bytes[..(bytes.Length - (bytes.Length % swappedUnit))];
        switch (swappedUnit)
        {
            case 2:
                Span<ushort> shorts = MemoryMarshal.Cast<byte, ushort>(bytes);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                Span<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            case 8:
                Span<ulong> longs = MemoryMarshal.Cast<byte, ulong>(bytes);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }
}
