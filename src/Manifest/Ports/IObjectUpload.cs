using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>An object being written. Disposing it before <see cref="CompleteAsync"/> abandons it and leaves nothing behind.</summary>
public interface IObjectUpload : IAsyncDisposable
{
    /// <summary>Tells the key, at most once, as soon as it is known; stores that must name an object before its bytes wait for it within the first part (5 MiB).</summary>
    ObjectKey? Key { get; set; }

    /// <summary>Bytes written so far.</summary>
    long Length { get; }

    /// <summary>Appends bytes; returns when the block may be reused.</summary>
    /// <exception cref="ObjectStoreException">The store cannot take them.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken);

    /// <summary>Makes the object durable under its <see cref="Key"/>: when this returns, no crash or power loss can lose it.</summary>
    /// <exception cref="ObjectStoreException">It is not durable.</exception>
    Task CompleteAsync(CancellationToken cancellationToken);
}
