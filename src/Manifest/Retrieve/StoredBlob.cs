using System.Buffers;
using System.Runtime.InteropServices;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Manifest.Retrieve;

/// <summary>
/// A blob that the manifest keeps of an instance. A small one came with its row; a larger one is read slice by slice, so that it is never
/// held whole unless <see cref="ReadAllAsync"/> is called.
/// </summary>
public sealed class StoredBlob
{
    /// <summary>Bytes of the largest blob that comes with its row.</summary>
    public const int LargestInRow = 16 << 10;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly Func<long, Memory<byte>, CancellationToken, ValueTask<int>>? _read;

    /// <summary>Holds the bytes.</summary>
    public StoredBlob(ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        Length = bytes.Length;
    }

    /// <summary>Is read when it is asked for.</summary>
    /// <param name="length">All its bytes.</param>
    /// <param name="read">
    /// Fills the memory with the bytes from an offset and returns how many there were; throws <see cref="ManifestUnavailableException"/>
    /// where the instance was replaced meanwhile, so that slices of two blobs never mix.
    /// </param>
    public StoredBlob(long length, Func<long, Memory<byte>, CancellationToken, ValueTask<int>> read)
    {
        Length = length;
        _read = read;
    }

    /// <summary>Of a part that was not asked for.</summary>
    public static StoredBlob Empty { get; } = new(ReadOnlyMemory<byte>.Empty);

    public long Length { get; }

    public bool IsEmpty => Length == 0;

    /// <summary>Opens it for reading forward.</summary>
    public Stream OpenRead()
        => _read is not null ? new StoredBlobStream(Length, _read)
            : MemoryMarshal.TryGetArray(_bytes, out ArraySegment<byte> segment)
                ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
                : new MemoryStream(_bytes.ToArray(), writable: false);

    /// <summary>Reads all of it; the caller bounds how much that may be by <see cref="Length"/>.</summary>
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

/// <summary>Reads a blob of the manifest forward, in slices worth a query.</summary>
internal sealed class StoredBlobStream(long length, Func<long, Memory<byte>, CancellationToken, ValueTask<int>> read) : Stream
{
    private const int SliceSize = 128 << 10;

    private byte[] _slice = [];
    private long _next;
    private int _start;
    private int _end;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

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

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The store is asked asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

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
