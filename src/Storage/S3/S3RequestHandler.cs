using System.Net;

namespace ImagingIngestion.Storage.S3;

/// <summary>
/// Bounds how long a request may take with its whole answer; of an object that is read only the head of the answer counts, its body has a time limit of its
/// own (<see cref="S3RangeStream"/>). What is late looks to the SDK like a connection that broke, because it tries again after that.
/// </summary>
internal sealed class S3RequestHandler(HttpMessageHandler inner, TimeSpan limit) : DelegatingHandler(inner)
{
    /// <summary>A page of a listing, the longest answer besides an object, has a thousand keys.</summary>
    private const long MaxAnswer = 16 << 20;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(limit);
        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, late.Token).ConfigureAwait(false);
            if (!IsObject(request, response) && request.Method != HttpMethod.Head)
            {
                await response.Content.LoadIntoBufferAsync(MaxAnswer, late.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            response?.Dispose();
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new HttpRequestException("The S3 server is late.", new IOException("The S3 server is late.", new TimeoutException()));
            }

            throw;
        }

        // Some servers say 429 where others say 503; the SDK tries again after the latter only.
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
        {
            response.StatusCode = HttpStatusCode.ServiceUnavailable;
        }

        return response;
    }

    private static bool IsObject(HttpRequestMessage request, HttpResponseMessage response)
        => request.Method == HttpMethod.Get && request.Headers.Range is not null && response.IsSuccessStatusCode;
}
