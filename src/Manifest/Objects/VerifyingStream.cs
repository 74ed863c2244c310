using System.Buffers;
using System.IO.Hashing;

namespace ImagingIngestion.Manifest.Objects;

/// <summary>
/// Reads a whole object and compares its bytes with their checksum on the way. The last bytes are handed out only after that, and a small
/// object only as a whole: whoever reads damaged bytes never gets all of them.
/// </summary>
/// <param name="source">The object from its first byte.</param>
/// <param name="length">Bytes of the object.</param>
/// <param name="checksum">XXH3 of them.</param>
/// <param name="explain">Returns what is thrown when the bytes end early or have another checksum.</param>
internal sealed class VerifyingStream(Stream source, long length, ulong checksum, Func<CancellationToken, Task<Exception>> explain) : ForwardStream
{
    private const int SmallObject = 256 << 10;
    private const int TailOfLargeObject = 64 << 10;

    private readonly XxHash3 _hash = new();
    private readonly int _tailLength = (int)(length <= SmallObject ? length : TailOfLargeObject);
    private byte[]? _tail;
    private long _position;

    /// <summary>Bytes that were handed out.</summary>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>Verifies a small object before anything of it is handed out; a large one is verified while it is read.</summary>
    public ValueTask PrepareAsync(CancellationToken cancellationToken)
        => _tailLength == length ? LoadTailAsync(cancellationToken) : ValueTask.CompletedTask;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        long beforeTail = length - _tailLength - _position;
        if (beforeTail > 0)
        {
            Memory<byte> block = buffer[..(int)Math.Min(buffer.Length, beforeTail)];
            int read = await source.ReadAsync(block, cancellationToken);
            if (read == 0)
            {
                throw await explain(cancellationToken);
            }

            _hash.Append(block.Span[..read]);
            _position += read;
            return read;
        }

        if (_tail is null)
        {
            await LoadTailAsync(cancellationToken);
        }

        int count = (int)Math.Min(buffer.Length, length - _position);
        _tail.AsSpan((int)(_tailLength - (length - _position)), count).CopyTo(buffer.Span);
        _position += count;
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _tail, null) is { } tail)
        {
            ArrayPool<byte>.Shared.Return(tail);
        }

        await source.DisposeAsync();
        await base.DisposeAsync();
    }

    private async ValueTask LoadTailAsync(CancellationToken cancellationToken)
    {
        byte[] tail = ArrayPool<byte>.Shared.Rent(_tailLength);
        try
        {
            int read = await source.ReadAtLeastAsync(tail.AsMemory(0, _tailLength), _tailLength, throwOnEndOfStream: false, cancellationToken);
            _hash.Append(tail.AsSpan(0, read));
            if (read < _tailLength || _hash.GetCurrentHashAsUInt64() != checksum)
            {
                throw await explain(cancellationToken);
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(tail);
            throw;
        }

        _tail = tail;
    }
}
