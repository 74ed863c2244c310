using System.Buffers;
using System.Runtime.InteropServices;
using ImagingIngestion.Manifest.Objects;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>A blob of an instance in the manifest.</summary>
/// <remarks>
/// A small one comes with its row. A larger one is read slice by slice, and held whole only by <see cref="ReadAllAsync"/>.
/// </remarks>
public sealed class StoredBlob
{
    /// <summary>The size of the largest blob that comes with its row.</summary>
    public const int LargestInRow = 16 << 10;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly Func<long, Memory<byte>, CancellationToken, ValueTask<int>>? _read;

    /// <summary>Creates a blob from its bytes.</summary>
    public StoredBlob(ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        Length = bytes.Length;
    }

    /// <summary>Creates a blob that is read on demand.</summary>
    /// <param name="length">Its length.</param>
    /// <param name="read">
    /// Fills the memory with the bytes from an offset and returns their number. Throws <see cref="ManifestUnavailableException"/> if the
    /// instance was replaced meanwhile, so that slices of two blobs never mix.
    /// </param>
    public StoredBlob(long length, Func<long, Memory<byte>, CancellationToken, ValueTask<int>> read)
    {
        Length = length;
        _read = read;
    }

    /// <summary>A part that was not requested.</summary>
    public static StoredBlob Empty { get; } = new(ReadOnlyMemory<byte>.Empty);

    public long Length { get; }

    public bool IsEmpty => Length == 0;

    /// <summary>Opens it for reading forward.</summary>
    public Stream OpenRead()
        => _read is not null ? new StoredBlobStream(Length, _read)
            : MemoryMarshal.TryGetArray(_bytes, out ArraySegment<byte> segment)
                ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
                : new MemoryStream(_bytes.ToArray(), writable: false);

    /// <summary>Reads all of it; the caller checks <see cref="Length"/> before.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAllAsync(CancellationToken cancellationToken)
    {
        if (_read is null)
        {
            return _bytes;
        }

        byte[] all = new byte[Length];
        await using StoredBlobStream stream = new(Length, _read);
        await stream.ReadExactlyAsync(all, cancellationToken);
        return all;
    }
}

/// <summary>Reads a blob of the manifest forward, one query for each slice.</summary>
internal sealed class StoredBlobStream(long length, Func<long, Memory<byte>, CancellationToken, ValueTask<int>> read) : ForwardStream
{
    private const int SliceSize = 128 << 10;

    private byte[] _slice = [];
    private long _next;
    private int _start;
    private int _end;

    public override long Length => length;

    public override long Position
    {
        get => _next - (_end - _start);
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_start == _end && _next < length)
        {
            _slice = _slice.Length > 0 ? _slice : ArrayPool<byte>.Shared.Rent((int)Math.Min(SliceSize, length));
            int wanted = (int)Math.Min(_slice.Length, length - _next);
            _start = 0;
            _end = await read(_next, _slice.AsMemory(0, wanted), cancellationToken);
            _next = _end > 0 ? _next + _end : throw new InvalidDataException("The stored blob ends early: rebuild it from the object.");
        }

        int count = Math.Min(buffer.Length, _end - _start);
        _slice.AsSpan(_start, count).CopyTo(buffer.Span);
        _start += count;
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        Dispose(true);
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (_slice.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_slice);
            _slice = [];
            (_start, _end) = (0, 0);
        }

        base.Dispose(disposing);
    }
}
