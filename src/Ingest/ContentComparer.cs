using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Ingest;

/// <summary>Compares two stored objects in different uncompressed transfer syntaxes (docs/design.md, One pass at ingest).</summary>
/// <remarks>
/// It compares element by element, and bulk values in blocks. Group lengths, file meta, trailing padding and the padding of values do
/// not count.
/// </remarks>
public sealed class ContentComparer(IObjectStore objects, DicomReaderOptions options)
{
    private const uint DataSetTrailingPadding = 0xFFFC_FFFC;

    /// <summary>Returns whether both objects hold the same data set; false also if one of them cannot be read as DICOM.</summary>
    /// <param name="left">One of them.</param>
    /// <param name="right">The other.</param>
    /// <param name="cover">Called with the bytes of memory that both take so far; throws if there are fewer.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ObjectStoreException">One of them cannot be read from its store.</exception>
    internal async Task<bool> AreEqualAsync(
        InstanceState left, InstanceState right, Func<long, CancellationToken, ValueTask> cover, CancellationToken cancellationToken)
    {
        long leftBytes = 0;
        try
        {
            await using StoredDataSet leftSet =
                await StoredDataSet.OpenAsync(objects, left, options, (bytes, token) => cover(leftBytes = bytes, token), cancellationToken);
            await using StoredDataSet rightSet = await StoredDataSet.OpenAsync(
                objects, right, options, (bytes, token) => cover(leftBytes + bytes, token), cancellationToken);
            return await AreEqualAsync(leftSet.Root, rightSet.Root, leftSet, rightSet, cancellationToken);
        }
        catch (Exception exception) when (exception is DicomParseException or InvalidDataException or EndOfStreamException)
        {
            return false;
        }
    }

    private static async Task<bool> AreEqualAsync(
        DicomDataset left, DicomDataset right, StoredDataSet leftSet, StoredDataSet rightSet, CancellationToken cancellationToken)
    {
        DicomElement[] leftElements = [.. left.Elements.Where(Counts)];
        DicomElement[] rightElements = [.. right.Elements.Where(Counts)];
        if (leftElements.Length != rightElements.Length)
        {
            return false;
        }

        for (int index = 0; index < leftElements.Length; index++)
        {
            if (!await AreEqualAsync(leftElements[index], rightElements[index], leftSet, rightSet, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<bool> AreEqualAsync(
        DicomElement left, DicomElement right, StoredDataSet leftSet, StoredDataSet rightSet, CancellationToken cancellationToken)
    {
        if (left.Tag != right.Tag || left.Items?.Count != right.Items?.Count)
        {
            return false;
        }

        for (int item = 0; item < (left.Items?.Count ?? 0); item++)
        {
            if (!await AreEqualAsync(left.Items![item], right.Items![item], leftSet, rightSet, cancellationToken))
            {
                return false;
            }
        }

        if (left.Items is not null)
        {
            return true;
        }

        if (left.Bulk is null && right.Bulk is null)
        {
            return ValuesEqual(left.Value.Span, right.Value.Span);
        }

        await using ElementContent? leftContent = await leftSet.OpenContentAsync(left, cancellationToken);
        await using ElementContent? rightContent = await rightSet.OpenContentAsync(right, cancellationToken);
        return leftContent is not null
            && rightContent is not null
            && await ElementContent.AreEqualAsync(leftContent, rightContent, cancellationToken);
    }

    private static bool Counts(DicomElement element)
        => element.Tag.Group > 0x0002 && !element.Tag.IsGroupLength && element.Tag.Value != DataSetTrailingPadding;

    /// <summary>Equal but for one byte of padding.</summary>
    private static bool ValuesEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int common = Math.Min(left.Length, right.Length);
        ReadOnlySpan<byte> rest = left.Length > common ? left[common..] : right[common..];
        return left[..common].SequenceEqual(right[..common]) && rest.Length <= 1 && (rest.IsEmpty || rest[0] is 0 or (byte)' ');
    }
}

/// <summary>The data set of a stored object with access to its bulk values, in the order in which they are stored.</summary>
internal sealed class StoredDataSet : IAsyncDisposable
{
    private const int SkipBlock = 64 << 10;

    private readonly IObjectStore _objects;
    private readonly InstanceState _state;
    private readonly TransferSyntax _syntax;
    private DeflateStream? _inflated;
    private long _inflatedPosition;

    private StoredDataSet(IObjectStore objects, InstanceState state, TransferSyntax syntax, DicomDataset root)
    {
        _objects = objects;
        _state = state;
        _syntax = syntax;
        Root = root;
    }

    public DicomDataset Root { get; }

    public static async Task<StoredDataSet> OpenAsync(
        IObjectStore objects, InstanceState state, DicomReaderOptions options, Func<long, CancellationToken, ValueTask> cover,
        CancellationToken cancellationToken)
    {
        TransferSyntax syntax = TransferSyntax.FromUid(state.TransferSyntaxUid);
        await using Stream stream = await objects.OpenReadAsync(state.Object, state.DataSetOffset, long.MaxValue, cancellationToken);
        return new StoredDataSet(
            objects, state, syntax, await StreamDataSetReader.ReadAsync(stream, syntax, options, cover, cancellationToken));
    }

    /// <summary>
    /// Opens the value of an element; returns null if it cannot be compared: fragments, or a deflated value before one that was read.
    /// </summary>
    public async Task<ElementContent?> OpenContentAsync(DicomElement element, CancellationToken cancellationToken)
    {
        if (element.Bulk is not { } bulk)
        {
            return new ElementContent(new MemoryStream(element.Value.ToArray(), writable: false), element.Value.Length, 1);
        }

        if (bulk.IsEncapsulated || bulk.Uri is not null)
        {
            return null;
        }

        int unit = _syntax.IsBigEndian ? element.VR.Traits().UnitSize : 1;
        if (!_syntax.IsDeflated)
        {
            Stream stream = await _objects.OpenReadAsync(_state.Object, _state.DataSetOffset + bulk.Offset, bulk.Length, cancellationToken);
            return new ElementContent(stream, bulk.Length, unit);
        }

        if (bulk.Offset < _inflatedPosition)
        {
            return null;
        }

        await InflateToAsync(bulk.Offset, cancellationToken);
        _inflatedPosition = bulk.Offset + bulk.Length;
        return new ElementContent(_inflated!, bulk.Length, unit, leaveOpen: true);
    }

    public ValueTask DisposeAsync() => _inflated?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task InflateToAsync(long offset, CancellationToken cancellationToken)
    {
        _inflated ??= await DeflatedBytes.OpenAsync(
            await _objects.OpenReadAsync(_state.Object, _state.DataSetOffset, long.MaxValue, cancellationToken), cancellationToken);
        byte[] skipped = new byte[Math.Min(SkipBlock, Math.Max(1, offset - _inflatedPosition))];
        while (_inflatedPosition < offset)
        {
            int count = (int)Math.Min(skipped.Length, offset - _inflatedPosition);
            await _inflated.ReadExactlyAsync(skipped.AsMemory(0, count), cancellationToken);
            _inflatedPosition += count;
        }
    }
}

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
