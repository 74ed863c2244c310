namespace ImagingIngestion.Storage;

/// <summary>The common base of streams over a range of an object.</summary>
/// <remarks>They are read once, from beginning to end, and their length is known.</remarks>
internal abstract class RangeStream(long length) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => Passed;
        set => throw new NotSupportedException();
    }

    /// <summary>How many bytes have been read.</summary>
    protected long Passed { get; set; }

    /// <summary>How many bytes are left.</summary>
    protected long Left => length - Passed;

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
