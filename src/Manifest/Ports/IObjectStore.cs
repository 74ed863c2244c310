using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>Keeps instances as complete Part 10 files (design D4). Every implementation passes the same conformance kit.</summary>
public interface IObjectStore
{
    /// <summary>
    /// Bytes of memory that an upload may hold of what was written, until it is complete. The caller has them to give: it takes them from
    /// the <see cref="UploadMemory"/> of the process before it reads what it is going to write.
    /// </summary>
    int UploadBytes => 0;

    /// <summary>Begins an object. Nothing is visible under its key before <see cref="IObjectUpload.CompleteAsync"/>.</summary>
    /// <exception cref="ObjectStoreException">The store cannot take it.</exception>
    Task<IObjectUpload> BeginInstanceAsync(CancellationToken cancellationToken);

    /// <summary>Asks whether an object would be taken now, and changes nothing.</summary>
    /// <param name="existing">The key of an object that is there.</param>
    /// <param name="content">The bytes of that object.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ObjectStoreException">The store would not take it.</exception>
    async Task TryWriteAsync(ObjectKey existing, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await using IObjectUpload upload = await BeginInstanceAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a range of an object for reading forward; a length beyond the end reads to the end.</summary>
    /// <exception cref="ObjectStoreException">No such object, or it cannot be read.</exception>
    Task<Stream> OpenReadAsync(ObjectKey key, long offset, long length, CancellationToken cancellationToken);

    /// <summary>What is there under a key; null when nothing is.</summary>
    /// <exception cref="ObjectStoreException">The store cannot tell.</exception>
    Task<StoredObject?> FindAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Removes an object; nothing happens when it is not there.</summary>
    Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>The objects whose key begins with the prefix, in no particular order.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken);
}

/// <summary>An object in a listing.</summary>
public sealed record StoredObject(ObjectKey Key, long Length, DateTimeOffset WrittenAt);

/// <summary>An object could not be written or read. The message holds no patient data.</summary>
public sealed class ObjectStoreException(ObjectStoreFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public ObjectStoreFault Fault { get; } = fault;
}

/// <summary>Why an object store failed.</summary>
public enum ObjectStoreFault
{
    /// <summary>A passing or unknown fault.</summary>
    Unavailable,

    /// <summary>No space is left.</summary>
    Full,

    /// <summary>The store may only be read, or access is denied.</summary>
    ReadOnly,

    /// <summary>There is no object with this key.</summary>
    NotFound,
}

/// <summary>An object being written. Disposing it before <see cref="CompleteAsync"/> abandons it and leaves nothing behind.</summary>
public interface IObjectUpload : IAsyncDisposable
{
    /// <summary>
    /// Tells the key, at most once, as soon as it is known; stores that must name an object before its bytes wait for it within the first
    /// part (5 MiB).
    /// </summary>
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
