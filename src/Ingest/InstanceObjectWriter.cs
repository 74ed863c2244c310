using System.Buffers;
using System.IO.Hashing;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Ingest;

/// <summary>
/// Writes the object of one instance: keeps data set bytes in pooled blocks until the head and the key are known, then hands them to the
/// store in blocks of one size. Disposing it before <see cref="CompleteAsync"/> leaves nothing behind.
/// </summary>
internal sealed class InstanceObjectWriter(IObjectStore objects) : IAsyncDisposable
{
    private const int BlockSize = 256 << 10;

    private readonly List<byte[]> _blocks = [];
    private readonly XxHash3 _checksum = new();
    private IObjectUpload? _upload;
    private int _lastUsed = BlockSize;

    public bool HasBegun => _upload is not null;

    /// <summary>Bytes that wait for <see cref="BeginAsync"/>.</summary>
    public long HeldBytes => _blocks.Count == 0 ? 0 : ((_blocks.Count - 1L) * BlockSize) + _lastUsed;

    /// <summary>Bytes of the whole object, after <see cref="CompleteAsync"/>.</summary>
    public long Length { get; private set; }

    /// <summary>XXH3 of the bytes that were handed to the store: of the whole object after <see cref="CompleteAsync"/>.</summary>
    public ulong Checksum => _checksum.GetCurrentHashAsUInt64();

    /// <summary>Takes data set bytes; the block may be reused afterwards.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            if (_lastUsed == BlockSize)
            {
                await MakeRoomAsync(cancellationToken);
            }

            int count = Math.Min(bytes.Length, BlockSize - _lastUsed);
            bytes[..count].CopyTo(_blocks[^1].AsMemory(_lastUsed));
            _lastUsed += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Begins the object under its key with the bytes that stand before the data set.</summary>
    public async Task BeginAsync(ObjectKey key, ReadOnlyMemory<byte> head, CancellationToken cancellationToken)
    {
        _upload = await objects.BeginInstanceAsync(cancellationToken);
        _upload.Key = key;
        await SendAsync(_upload, head, cancellationToken);
        while (_blocks.Count > 1)
        {
            await SendAsync(_upload, _blocks[0].AsMemory(0, BlockSize), cancellationToken);
            Return(0);
        }
    }

    /// <summary>Makes the object durable.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        IObjectUpload upload = _upload ?? throw new InvalidOperationException("An object is begun before it is completed.");
        if (_blocks.Count > 0)
        {
            await SendAsync(upload, _blocks[0].AsMemory(0, _lastUsed), cancellationToken);
            Return(0);
        }

        Length = upload.Length;
        await upload.CompleteAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        while (_blocks.Count > 0)
        {
            Return(0);
        }

        if (_upload is not null)
        {
            await _upload.DisposeAsync();
        }
    }

    private async ValueTask MakeRoomAsync(CancellationToken cancellationToken)
    {
        if (_upload is not null && _blocks.Count > 0)
        {
            await SendAsync(_upload, _blocks[0].AsMemory(0, BlockSize), cancellationToken);
        }
        else
        {
            _blocks.Add(ArrayPool<byte>.Shared.Rent(BlockSize));
        }

        _lastUsed = 0;
    }

    private ValueTask SendAsync(IObjectUpload upload, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _checksum.Append(bytes.Span);
        return upload.WriteAsync(bytes, cancellationToken);
    }

    private void Return(int index)
    {
        ArrayPool<byte>.Shared.Return(_blocks[index]);
        _blocks.RemoveAt(index);
    }
}
