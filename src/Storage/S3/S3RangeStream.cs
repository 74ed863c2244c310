using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.S3;

/// <summary>A range of an object, read forward as it arrives.</summary>
/// <remarks>After a body breaks off or stalls, reading continues from where it stopped.</remarks>
internal sealed class S3RangeStream : RangeStream
{
    private const int MaxBreaksInRow = 3;

    private readonly S3Bucket _bucket;
    private readonly string _key;
    private readonly long _offset;
    private GetObjectResponse? _response;
    private int _breaks;

    private S3RangeStream(S3Bucket bucket, string key, long offset, long length, GetObjectResponse response)
        : base(length)
    {
        _bucket = bucket;
        _key = key;
        _offset = offset;
        _response = response;
    }

    /// <summary>Opens the range; returns null if it begins after the end of the object.</summary>
    /// <exception cref="ObjectStoreException">There is no such object, or it cannot be read.</exception>
    public static async Task<S3RangeStream?> OpenAsync(
        S3Bucket bucket, string key, long offset, long length, CancellationToken cancellationToken)
    {
        long last = length > long.MaxValue - offset ? long.MaxValue : offset + length - 1;
        try
        {
            GetObjectResponse response = await GetAsync(bucket, key, offset, last, cancellationToken).ConfigureAwait(false);
            return new S3RangeStream(bucket, key, offset, Math.Min(length, response.ContentLength), response);
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return null;
        }
        catch (Exception exception) when (S3Errors.IsFault(exception, cancellationToken))
        {
            throw S3Errors.ToFault(exception, "Opening an object");
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (Left > 0 && !buffer.IsEmpty)
        {
            try
            {
                _response ??=
                    await GetAsync(_bucket, _key, _offset + Passed, _offset + Length - 1, cancellationToken).ConfigureAwait(false);
                int read = await ReadOnceAsync(_response.ResponseStream, buffer, cancellationToken).ConfigureAwait(false);
                if (read > 0)
                {
                    Passed += read;
                    _breaks = 0;
                    return read;
                }

                BreakOff(new EndOfStreamException("The body ended early."));
            }
            catch (Exception exception) when (exception is not ObjectStoreException && S3Errors.IsFault(exception, cancellationToken))
            {
                BreakOff(exception);
            }
        }

        return 0;
    }

    /// <summary>Is refused, because it would block a thread on the network.</summary>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read an object asynchronously.");

    /// <summary>Closes the connection if the end is not reached: nobody reads the rest.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _response?.Dispose();
            _response = null;
        }

        base.Dispose(disposing);
    }

    private static async Task<GetObjectResponse> GetAsync(
        S3Bucket bucket, string key, long first, long last, CancellationToken cancellationToken)
    {
        GetObjectRequest request = new() { BucketName = bucket.Name, Key = key, ByteRange = new ByteRange(first, last) };
        GetObjectResponse response = await bucket.Client.GetObjectAsync(request, cancellationToken).ConfigureAwait(false);
        if (first == 0 || response.HttpStatusCode == HttpStatusCode.PartialContent)
        {
            return response;
        }

        response.Dispose();
        throw new IOException("The server answers a range with the whole object.");
    }

    private async ValueTask<int> ReadOnceAsync(Stream body, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using Deadline deadline = new(_bucket.StallTimeout, TimeProvider.System, cancellationToken);
        return await body.ReadAsync(buffer[..(int)Math.Min(buffer.Length, Left)], deadline.Token).ConfigureAwait(false);
    }

    private void BreakOff(Exception exception)
    {
        _response?.Dispose();
        _response = null;
        if (++_breaks > MaxBreaksInRow)
        {
            throw S3Errors.ToFault(exception, "Read of an object");
        }
    }
}
