using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>Keeps instances as complete Part 10 files (docs/design.md, Objects).</summary>
/// <remarks>Every implementation passes the same conformance kit.</remarks>
public interface IObjectStore
{
    /// <summary>The bytes that an upload may buffer until it is complete.</summary>
    /// <remarks>The caller takes them from the <see cref="UploadMemory"/> of the process before it reads the input.</remarks>
    int UploadBytes => 0;

    /// <summary>Begins an object. Nothing is visible under its key before <see cref="IObjectUpload.CompleteAsync"/>.</summary>
    /// <exception cref="ObjectStoreException">The store cannot take it.</exception>
    Task<IObjectUpload> BeginInstanceAsync(CancellationToken cancellationToken);

    /// <summary>Checks whether the store would take an object now, without changing anything.</summary>
    /// <param name="existing">The key of an existing object.</param>
    /// <param name="content">The bytes of that object.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="ObjectStoreException">The store would not take it.</exception>
    async Task TryWriteAsync(ObjectKey existing, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await using IObjectUpload upload = await BeginInstanceAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a range of an object for reading forward; a length beyond the end reads to the end.</summary>
    /// <exception cref="ObjectStoreException">No such object, or it cannot be read.</exception>
    Task<Stream> OpenReadAsync(ObjectKey key, long offset, long length, CancellationToken cancellationToken);

    /// <summary>Returns the object under a key; null if there is none.</summary>
    /// <exception cref="ObjectStoreException">The store does not answer.</exception>
    Task<StoredObject?> FindAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Removes an object if it exists.</summary>
    Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Lists the objects whose key begins with the prefix, in no particular order.</summary>
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

    /// <summary>The store is read-only, or access is denied.</summary>
    ReadOnly,

    /// <summary>There is no object with this key.</summary>
    NotFound,
}

/// <summary>An object being written. Disposing it before <see cref="CompleteAsync"/> abandons it and leaves nothing behind.</summary>
public interface IObjectUpload : IAsyncDisposable
{
    /// <summary>The key, set once, as soon as it is known.</summary>
    /// <remarks>Stores that must name an object before its bytes need it within the first part (5 MiB).</remarks>
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

/// <summary>Object stores in which an incomplete upload leaves something behind that no listing shows.</summary>
public interface IUnfinishedUploads
{
    /// <summary>Removes the remains of uploads that were begun earlier and never completed; returns how many.</summary>
    /// <param name="prefix">The beginning of the keys, in stores that know the key of an upload.</param>
    /// <param name="before">The latest beginning.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ObjectStoreException">The store cannot be asked.</exception>
    Task<int> AbortUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken);
}
