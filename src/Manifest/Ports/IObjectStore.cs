using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>Keeps instances as complete Part 10 files (design D4). Every implementation passes the same conformance kit.</summary>
public interface IObjectStore
{
    /// <summary>
    /// Bytes of memory that an upload may hold of what was written, until it is complete. The caller has them to give: it takes them from the
    /// <see cref="UploadMemory"/> of the process before it reads what it is going to write.
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
