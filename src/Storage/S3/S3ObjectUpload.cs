using System.Globalization;
using System.Security.Cryptography;
using Amazon.S3.Model;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.S3;

/// <summary>An object on its way into the bucket.</summary>
/// <remarks>
/// A small object is written by one PUT at the end. A larger one goes part by part, and appears when the last part is there. An answer is
/// believed if its entity tag is that of the bytes that were sent. After any other answer, or none, the object is looked at: a mark in its
/// metadata tells whether it is this upload. If the server encrypts with keys of its own, no tag matches, and every object is looked at.
/// </remarks>
internal sealed class S3ObjectUpload(S3Bucket bucket, UploadMemory memory) : IObjectUpload
{
    private const string Mark = "x-amz-meta-upload";

    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly PartBuffer _part = new();
    private readonly List<PartETag> _parts = [];
    private readonly IncrementalHash _hashOfHashes = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private ObjectKey? _key;
    private string? _uploadId;
    private int _size = PartSizes.First;
    private bool _isFinished;
    private bool _isDisposed;

    public ObjectKey? Key
    {
        get => _key;
        set => _key = _key is null || _key == value ? value : throw new InvalidOperationException("The key of an upload is set once.");
    }

    public long Length { get; private set; }

    private string KeyText
        => (_key ?? throw new InvalidOperationException("An upload needs its key within its first part, and before it completes.")).Value;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        ThrowIfFinished();
        cancellationToken.ThrowIfCancellationRequested();
        while (!block.IsEmpty)
        {
            if (_part.Length == _size)
            {
                await SendPartAsync(cancellationToken).ConfigureAwait(false);
                await MakeRoomAsync(cancellationToken).ConfigureAwait(false);
            }

            int count = Math.Min(block.Length, _size - _part.Length);
            _part.Append(block.Span[..count]);
            Length += count;
            block = block[count..];
        }
    }

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        ThrowIfFinished();
        string key = KeyText;
        Exception? fault = null;
        try
        {
            if (_uploadId is not null)
            {
                await SendPartAsync(cancellationToken).ConfigureAwait(false);
            }

            if (!(_uploadId is null
                ? await PutAsync(key, cancellationToken).ConfigureAwait(false)
                : await JoinAsync(key, cancellationToken).ConfigureAwait(false)))
            {
                fault = new IOException("The server confirms other bytes than those that were sent.");
            }
        }
        catch (Exception exception) when (S3Errors.IsFault(exception, cancellationToken))
        {
            fault = exception;
        }

        if (fault is not null && (!S3Errors.IsOutcomeUnknown(fault) || !await IsThereAsync(key, cancellationToken).ConfigureAwait(false)))
        {
            throw S3Errors.ToFault(fault, "Completion of an object");
        }

        _isFinished = true;
        _part.Clear();
        GiveBack();
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_isFinished && _uploadId is not null)
        {
            await AbortAsync(CancellationToken.None).ConfigureAwait(false);
        }

        _part.Dispose();
        _hashOfHashes.Dispose();
        GiveBack();
    }

    private void ThrowIfFinished()
    {
        if (_isFinished || _isDisposed)
        {
            throw new InvalidOperationException("The upload is finished.");
        }
    }

    /// <summary>Writes the object; returns false if the answer does not confirm what was sent.</summary>
    private async Task<bool> PutAsync(string key, CancellationToken cancellationToken)
    {
        byte[] hash = _part.ComputeMd5();
        await using PartStream bytes = new(_part);
        PutObjectRequest request = new()
        {
            BucketName = bucket.Name,
            Key = key,
            InputStream = bytes,
            AutoCloseStream = false,
            UseChunkEncoding = false,
            IfNoneMatch = "*",
            MD5Digest = Convert.ToBase64String(hash),
        };
        request.Metadata[Mark] = _mark;
        PutObjectResponse put = await bucket.Client.PutObjectAsync(request, cancellationToken).ConfigureAwait(false);
        return IsTag(put.ETag, Convert.ToHexStringLower(hash));
    }

    /// <summary>Joins the parts; returns false if the answer does not confirm the object.</summary>
    private async Task<bool> JoinAsync(string key, CancellationToken cancellationToken)
    {
        CompleteMultipartUploadRequest request = new() { BucketName = bucket.Name, Key = key, UploadId = _uploadId, PartETags = _parts };
        CompleteMultipartUploadResponse joined =
            await bucket.Client.CompleteMultipartUploadAsync(request, cancellationToken).ConfigureAwait(false);
        return IsTag(
            joined.ETag,
            string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(_hashOfHashes.GetCurrentHash())}-{_parts.Count}"));
    }

    private static bool IsTag(string? tag, string expected)
        => tag is not null && tag.AsSpan().Trim('"').Equals(expected, StringComparison.OrdinalIgnoreCase);

    private async Task SendPartAsync(CancellationToken cancellationToken)
    {
        string key = KeyText;
        int number = _parts.Count + 1;
        try
        {
            _uploadId ??= await BeginAsync(key, cancellationToken).ConfigureAwait(false);
            byte[] hash = _part.ComputeMd5();
            await using PartStream bytes = new(_part);
            UploadPartRequest request = new()
            {
                BucketName = bucket.Name,
                Key = key,
                UploadId = _uploadId,
                PartNumber = number,
                PartSize = _part.Length,
                InputStream = bytes,
                UseChunkEncoding = false,
                MD5Digest = Convert.ToBase64String(hash),
            };
            UploadPartResponse sent = await bucket.Client.UploadPartAsync(request, cancellationToken).ConfigureAwait(false);
            _parts.Add(new PartETag(number, sent.ETag ?? throw new IOException("The server confirms no part.")));
            _hashOfHashes.AppendData(hash);
        }
        catch (Exception exception) when (S3Errors.IsFault(exception, cancellationToken))
        {
            throw S3Errors.ToFault(exception, "Upload of a part");
        }

        _part.Clear();
    }

    private async Task<string> BeginAsync(string key, CancellationToken cancellationToken)
    {
        InitiateMultipartUploadRequest request = new() { BucketName = bucket.Name, Key = key };
        request.Metadata[Mark] = _mark;
        string? id = (await bucket.Client.InitiateMultipartUploadAsync(request, cancellationToken).ConfigureAwait(false)).UploadId;
        return string.IsNullOrEmpty(id) ? throw new IOException("The server names no upload.") : id;
    }

    /// <summary>Takes memory for the next part, beyond what the caller has taken for every upload.</summary>
    /// <remarks>
    /// Memory of the part before is returned first: an upload that waits holds no more than others. Without memory the part stays small,
    /// which ends sooner than waiting for each other.
    /// </remarks>
    private async Task MakeRoomAsync(CancellationToken cancellationToken)
    {
        if (_parts.Count == PartSizes.MaxParts)
        {
            throw new ObjectStoreException(
                ObjectStoreFault.Full, $"The object is larger than {PartSizes.LargestObject} bytes, the most that its parts can hold.");
        }

        GiveBack();
        int wanted = PartSizes.Of(_parts.Count + 1);
        if (wanted > PartSizes.First && await memory.TryTakeAsync(wanted - PartSizes.First, cancellationToken).ConfigureAwait(false))
        {
            _size = wanted;
        }
    }

    private void GiveBack()
    {
        memory.Return(_size - PartSizes.First);
        _size = PartSizes.First;
    }

    private async Task<bool> IsThereAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            GetObjectMetadataResponse found =
                await bucket.Client.GetObjectMetadataAsync(bucket.Name, key, cancellationToken).ConfigureAwait(false);
            return found.ContentLength == Length && found.Metadata[Mark] == _mark;
        }
        catch (Exception exception) when (S3Errors.IsFault(exception, cancellationToken))
        {
            return false;
        }
    }

    /// <summary>Aborts the upload; the sweeper finds it if that fails.</summary>
    private async Task AbortAsync(CancellationToken cancellationToken)
    {
        using Deadline deadline = new(bucket.StallTimeout, TimeProvider.System, cancellationToken);
        try
        {
            await bucket.Client.AbortMultipartUploadAsync(bucket.Name, KeyText, _uploadId, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (S3Errors.IsFault(exception, CancellationToken.None))
        {
            // The error that matters is already on its way.
        }
    }
}
