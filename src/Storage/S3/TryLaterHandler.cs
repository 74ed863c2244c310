using System.Net;

namespace ImagingIngestion.Storage;

/// <summary>Some servers say 429 where others say 503; the SDK tries again after the latter only.</summary>
internal sealed class TryLaterHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
        {
            response.StatusCode = HttpStatusCode.ServiceUnavailable;
        }

        return response;
    }
}
