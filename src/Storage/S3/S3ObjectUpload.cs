using Amazon.S3.Model;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Storage;

/// <summary>
/// An object on its way into the bucket. What fits into one part goes as one PUT at the end; more goes part by part, and appears when the last one is
/// there. A mark of its own in the object's metadata tells, after an answer that was lost, whether what is there is this upload.
/// </summary>
internal sealed class S3ObjectUpload(S3Bucket bucket, UploadMemory memory) : IObjectUpload
{
    private const string Mark = "x-amz-meta-upload";

    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly PartBuffer _part = new();
    private readonly List<PartETag> _parts = [];
    private ObjectKey? _key;
    private string? _uploadId;
    private int _size = PartSizes.First;
    private bool _isFinished;
    private bool _isDisposed;

    public ObjectKey? Key
    {
        get => _key;
        set => _key = _key is null || _key == value ? value : throw new InvalidOperationException("The key of an upload is told once.");
    }

    public long Length { get; private set; }

    private string KeyText => (_key ?? throw new InvalidOperationException("An upload needs its key within its first part, and before it completes.")).Value;

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
        try
        {
            if (_uploadId is null)
            {
                await PutAsync(key, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await SendPartAsync(cancellationToken).ConfigureAwait(false);
                CompleteMultipartUploadRequest request = new() { BucketName = bucket.Name, Key = key, UploadId = _uploadId, PartETags = _parts };
                await bucket.Client.CompleteMultipartUploadAsync(request, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (S3Errors.IsFault(exception, cancellationToken))
        {
            if (!S3Errors.IsOutcomeUnknown(exception) || !await IsThereAsync(key, cancellationToken).ConfigureAwait(false))
            {
                throw S3Errors.ToFault(exception, "Completion of an object");
            }
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
        GiveBack();
    }

    private void ThrowIfFinished()
    {
        if (_isFinished || _isDisposed)
        {
            throw new InvalidOperationException("The upload is finished.");
        }
    }

    private async Task PutAsync(string key, CancellationToken cancellationToken)
    {
        await using PartStream bytes = new(_part);
        PutObjectRequest request = new() { BucketName = bucket.Name, Key = key, InputStream = bytes, AutoCloseStream = false, UseChunkEncoding = false, IfNoneMatch = "*" };
        request.Metadata[Mark] = _mark;
        await bucket.Client.PutObjectAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private async Task SendPartAsync(CancellationToken cancellationToken)
    {
        string key = KeyText;
        int number = _parts.Count + 1;
        try
        {
            _uploadId ??= await BeginAsync(key, cancellationToken).ConfigureAwait(false);
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
            };
            UploadPartResponse sent = await bucket.Client.UploadPartAsync(request, cancellationToken).ConfigureAwait(false);
            _parts.Add(new PartETag(number, sent.ETag));
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
        return (await bucket.Client.InitiateMultipartUploadAsync(request, cancellationToken).ConfigureAwait(false)).UploadId;
    }

    /// <summary>
    /// Takes the room of a part that begins, as far as it is larger than the one that the caller has for every upload. What is held goes back before: an
    /// upload that waits holds no more than others. Where there is no room the part stays small, which ends sooner than waiting for each other would.
    /// </summary>
    private async Task MakeRoomAsync(CancellationToken cancellationToken)
    {
        if (_parts.Count == PartSizes.MaxParts)
        {
            throw new ObjectStoreException(ObjectStoreFault.Full, $"The object is larger than {PartSizes.LargestObject} bytes, the most that its parts can hold.");
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
            GetObjectMetadataResponse found = await bucket.Client.GetObjectMetadataAsync(bucket.Name, key, cancellationToken).ConfigureAwait(false);
            return found.ContentLength == Length && found.Metadata[Mark] == _mark;
        }
        catch (Exception exception) when (S3Errors.IsFault(exception, cancellationToken))
        {
            return false;
        }
    }

    /// <summary>What cannot be aborted is found by the sweeper.</summary>
    private async Task AbortAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(bucket.Patience);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await bucket.Client.AbortMultipartUploadAsync(bucket.Name, KeyText, _uploadId, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (S3Errors.IsFault(exception, CancellationToken.None))
        {
            // The error that matters is on its way already.
        }
    }
}
