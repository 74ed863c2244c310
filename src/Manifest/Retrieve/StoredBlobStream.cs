using System.Buffers;

namespace ImagingIngestion.Manifest.Retrieve;

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
