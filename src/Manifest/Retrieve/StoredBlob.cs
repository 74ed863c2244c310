using System.Runtime.InteropServices;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Manifest.Retrieve;

/// <summary>
/// A blob that the manifest keeps of an instance. A small one came with its row; a larger one is read slice by slice, so that it is never held whole unless
/// <see cref="ReadAllAsync"/> is called.
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
    /// Fills the memory with the bytes from an offset and returns how many there were; throws <see cref="ManifestUnavailableException"/> where the instance
    /// was replaced meanwhile, so that slices of two blobs never mix.
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
            : MemoryMarshal.TryGetArray(_bytes, out ArraySegment<byte> segment) ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
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
