using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.S3;

/// <summary>Objects in a bucket of an S3 server, each under its key (docs/design.md, "Objects").</summary>
/// <remarks>It holds one part of an upload in memory, never a whole object.</remarks>
public sealed class S3ObjectStore : IObjectStore, IUnfinishedUploads, IDisposable
{
    private static readonly TimeSpan LongestWaitForMemory = TimeSpan.FromSeconds(30);

    private readonly S3Bucket _bucket;
    private readonly UploadMemory _memory;

    private S3ObjectStore(S3Bucket bucket, UploadMemory memory)
    {
        _bucket = bucket;
        _memory = memory;
    }

    /// <summary>Bytes of the largest object that can be stored.</summary>
    public static long LargestObject => PartSizes.LargestObject;

    /// <summary>The bytes of a first part.</summary>
    public int UploadBytes => PartSizes.First;

    /// <summary>Opens the store and checks that the bucket can be used.</summary>
    /// <param name="options">The bucket.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="memory">The memory for parts larger than <see cref="UploadBytes"/>; null for memory of the store's own.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ObjectStoreException">It cannot; the message says what to change.</exception>
    /// <exception cref="InvalidDataException">The authorities cannot be read.</exception>
    public static async Task<S3ObjectStore> OpenAsync(
        BucketOptions options, TimeProvider timeProvider, UploadMemory? memory, CancellationToken cancellationToken)
    {
        S3ObjectStore store = new(
            new S3Bucket(options), memory ?? new UploadMemory(options.UploadMemory, LongestWaitForMemory, timeProvider));
        try
        {
            await store._bucket.Client.ListObjectsV2Async(
                new ListObjectsV2Request { BucketName = options.Name, MaxKeys = 1 }, cancellationToken).ConfigureAwait(false);

            // Without the right to list, a server answers 403 for a missing object too.
            await store.FindAsync(ObjectKey.Absent, cancellationToken).ConfigureAwait(false);
            return store;
        }
        catch (Exception exception) when (exception is ObjectStoreException || S3Errors.IsFault(exception, cancellationToken))
        {
            store.Dispose();
            Exception answer = exception is ObjectStoreException { InnerException: { } inner } ? inner : exception;
            throw new ObjectStoreException(ObjectStoreFault.Unavailable, Advice(options, answer), answer);
        }
    }

    public Task<IObjectUpload> BeginInstanceAsync(CancellationToken cancellationToken)
        => Task.FromResult<IObjectUpload>(new S3ObjectUpload(_bucket, _memory));

    /// <summary>Asks to write an object where it already is.</summary>
    /// <remarks>
    /// The server refuses that after it has checked rights and quota. A server that ignores the condition writes the same bytes again.
    /// </remarks>
    public async Task TryWriteAsync(ObjectKey existing, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using MemoryStream bytes = new(content.ToArray());
        PutObjectRequest request =
            new() { BucketName = _bucket.Name, Key = existing.Value, InputStream = bytes, UseChunkEncoding = false, IfNoneMatch = "*" };
        try
        {
            await _bucket.Client.PutObjectAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict)
        {
            // It would have been written.
        }
        catch (Exception exception) when (S3Errors.IsFault(exception, cancellationToken))
        {
            throw S3Errors.ToFault(exception, "Writing an object");
        }
    }

    public async Task<Stream> OpenReadAsync(ObjectKey key, long offset, long length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == 0)
        {
            return await FindAsync(key, cancellationToken).ConfigureAwait(false) is null
                ? throw new ObjectStoreException(ObjectStoreFault.NotFound, "Opening an object: there is none with this key.")
                : Stream.Null;
        }

        return await S3RangeStream.OpenAsync(_bucket, key.Value, offset, length, cancellationToken).ConfigureAwait(false) ?? Stream.Null;
    }

    public async Task<StoredObject?> FindAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            GetObjectMetadataResponse found =
                await _bucket.Client.GetObjectMetadataAsync(_bucket.Name, key.Value, cancellationToken).ConfigureAwait(false);
            return new StoredObject(key, found.ContentLength, Instant(found.LastModified));
        }
        catch (AmazonS3Exception exception) when (S3Errors.IsMissing(exception))
        {
            return await FindListedAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (S3Errors.IsFault(exception, cancellationToken))
        {
            throw S3Errors.ToFault(exception, "Looking for an object");
        }
    }

    public async Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            await _bucket.Client.DeleteObjectAsync(_bucket.Name, key.Value, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception exception) when (S3Errors.IsMissing(exception))
        {
            // It is gone, which is what was asked for.
        }
        catch (Exception exception) when (S3Errors.IsFault(exception, cancellationToken))
        {
            throw S3Errors.ToFault(exception, "Deleting an object");
        }
    }

    /// <summary>Skips objects whose key is none of ours.</summary>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ListObjectsV2Request request = new() { BucketName = _bucket.Name, Prefix = prefix };
        ListObjectsV2Response page;
        do
        {
            page = await ListPageAsync(request, cancellationToken).ConfigureAwait(false);
            foreach (S3Object item in page.S3Objects ?? [])
            {
                if (ObjectKey.IsValid(item.Key))
                {
                    yield return new StoredObject(new ObjectKey(item.Key), item.Size ?? 0, Instant(item.LastModified));
                }
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    /// <summary>Aborts unfinished uploads in parts, by the clock of the server.</summary>
    public async Task<int> AbortUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken)
    {
        int aborted = 0;
        try
        {
            ListMultipartUploadsRequest request = new() { BucketName = _bucket.Name, Prefix = prefix };
            ListMultipartUploadsResponse page;
            do
            {
                page = await _bucket.Client.ListMultipartUploadsAsync(request, cancellationToken).ConfigureAwait(false);
                foreach (MultipartUpload upload in (page.MultipartUploads ?? []).Where(upload => Instant(upload.Initiated) < before))
                {
                    aborted += await AbortAsync(upload, cancellationToken).ConfigureAwait(false) ? 1 : 0;
                }

                request.KeyMarker = page.NextKeyMarker;
                request.UploadIdMarker = page.NextUploadIdMarker;
            }
            while (page.IsTruncated == true);
        }
        catch (Exception exception) when (S3Errors.IsFault(exception, cancellationToken))
        {
            throw S3Errors.ToFault(exception, "Aborting unfinished uploads");
        }

        return aborted;
    }

    public void Dispose() => _bucket.Dispose();

    /// <summary>Tells a missing object from a missing bucket, which only a listing can: the answer to HEAD has no body.</summary>
    private async Task<StoredObject?> FindListedAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        ListObjectsV2Request request = new() { BucketName = _bucket.Name, Prefix = key.Value, MaxKeys = 1 };
        ListObjectsV2Response page = await ListPageAsync(request, cancellationToken).ConfigureAwait(false);
        return page.S3Objects?.FirstOrDefault(item => item.Key == key.Value) is { } found
            ? new StoredObject(key, found.Size ?? 0, Instant(found.LastModified))
            : null;
    }

    /// <summary>Aborts an upload; returns false if it has ended in the meantime.</summary>
    private async Task<bool> AbortAsync(MultipartUpload upload, CancellationToken cancellationToken)
    {
        try
        {
            await _bucket.Client.AbortMultipartUploadAsync(_bucket.Name, upload.Key, upload.UploadId, cancellationToken)
                .ConfigureAwait(false);
            return true;
        }
        catch (AmazonS3Exception exception) when (S3Errors.IsMissing(exception))
        {
            return false;
        }
    }

    private static DateTimeOffset Instant(DateTime? moment)
        => moment is { } at ? new DateTimeOffset(at.ToUniversalTime(), TimeSpan.Zero) : DateTimeOffset.UnixEpoch;

    private static string Advice(BucketOptions options, Exception exception) => exception switch
    {
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } =>
            $"There is no bucket {options.Name} at {options.Endpoint}: create it, or set {BucketOptions.Section["Name"].Names}.",
        AmazonS3Exception { ErrorCode: "InvalidAccessKeyId" or "SignatureDoesNotMatch" } =>
            $"The S3 server at {options.Endpoint} does not know the access key, or the secret does not belong to it: set "
                + $"{BucketOptions.Section["AccessKeyId"].Names} and {BucketOptions.Section["SecretAccessKey"].Names}.",
        AmazonS3Exception { ErrorCode: "AccessDenied" or "Forbidden" } =>
            $"The access key may not list the bucket {options.Name} at {options.Endpoint}, so that a missing object cannot be told from a "
                + "denied one: grant it s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject and s3:DeleteObject on its objects.",
        AmazonS3Exception { ErrorCode: "AuthorizationHeaderMalformed" } =>
            $"The S3 server at {options.Endpoint} is in another region: set {BucketOptions.Section["Region"].Names}.",
        AmazonS3Exception answered =>
            $"The S3 server at {options.Endpoint} answered {(int)answered.StatusCode} {answered.ErrorCode} for the bucket {options.Name}.",
        _ when options.AccessKeyId is null =>
            $"The S3 server at {options.Endpoint} cannot be reached, or no credentials were found on this machine "
                + $"({exception.GetBaseException().GetType().Name}): set {BucketOptions.Section["Host"].Names} and "
                + $"{BucketOptions.Section["Port"].Names}, or {BucketOptions.Section["AccessKeyId"].Names} and "
                + $"{BucketOptions.Section["SecretAccessKey"].Names}.",
        _ =>
            $"The S3 server at {options.Endpoint} cannot be reached ({exception.GetBaseException().GetType().Name}): set "
                + $"{BucketOptions.Section["Host"].Names}, {BucketOptions.Section["Port"].Names} and, for a certificate authority of your "
                + "own, "
                + $"{BucketOptions.Section["CaFile"].Names}.",
    };

    private async Task<ListObjectsV2Response> ListPageAsync(ListObjectsV2Request request, CancellationToken cancellationToken)
    {
        try
        {
            ListObjectsV2Response page = await _bucket.Client.ListObjectsV2Async(request, cancellationToken).ConfigureAwait(false);
            return string.IsNullOrEmpty(page.Name) ? throw new IOException("The server answered with no listing.") : page;
        }
        catch (Exception exception) when (S3Errors.IsFault(exception, cancellationToken))
        {
            throw S3Errors.ToFault(exception, "Listing objects");
        }
    }
}
