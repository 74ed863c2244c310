using System.Net;
using System.Net.Http.Headers;

namespace ImagingIngestion.Bindings.Http;

/// <summary>
/// Adds the authorisation to requests to the target itself, and retries once after a 401 if another authorisation is available.
/// </summary>
internal sealed class AuthorizationHandler(Uri endpoint, IAuthorization? authorization, ClientCertificate? own, TimeProvider time)
    : DelegatingHandler
{
    /// <summary>How long to wait for a target to ask for a body; then the body is sent anyway.</summary>
    public static readonly TimeSpan ExpectTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How much earlier than set a timer may fire, measured by the finer clock.</summary>
    private static readonly TimeSpan TimerError = TimeSpan.FromMilliseconds(50);

    /// <summary>A smaller body is sent before a target could ask for it.</summary>
    private const int LeastExpected = 64 << 10;

    private volatile bool _canExpect = true;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (own is not null)
        {
            await own.CurrentAsync(cancellationToken);
        }

        if (authorization is null || request.RequestUri is null || !Authority.IsSame(request.RequestUri, endpoint))
        {
            return await base.SendAsync(request, cancellationToken);
        }

        AuthenticationHeaderValue header = await authorization.GetAsync(cancellationToken);
        HttpResponseMessage response = await SendAsync(request, header, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return response;
        }

        AuthenticationHeaderValue? renewed;
        try
        {
            renewed = await authorization.RenewAsync(header, cancellationToken);
        }
        catch
        {
            response.Dispose();
            throw;
        }

        if (renewed is null)
        {
            return response;
        }

        response.Dispose();
        return await SendAsync(request, renewed, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            authorization?.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>
    /// Sends the request, and asks the target to check the credentials before it gets a large body, unless it has shown that it cannot.
    /// </summary>
    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, AuthenticationHeaderValue header, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = header;
        if (request.Content is not { } body || !_canExpect || body.Headers.ContentLength < LeastExpected)
        {
            request.Headers.ExpectContinue = false;
            return await base.SendAsync(request, cancellationToken);
        }

        request.Headers.ExpectContinue = true;
        long asked = time.GetTimestamp();
        request.Content = new ObservedContent(body, () => _canExpect &= time.GetElapsedTime(asked) < ExpectTimeout - TimerError);
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            if (response.StatusCode != HttpStatusCode.ExpectationFailed)
            {
                return response;
            }

            response.Dispose();
        }
        finally
        {
            request.Content = body;
        }

        _canExpect = false;
        request.Headers.ExpectContinue = false;
        return await base.SendAsync(request, cancellationToken);
    }

    /// <summary>A body that reports when its transfer begins.</summary>
    private sealed class ObservedContent(HttpContent inner, Action onBegin) : WrappedContent(inner)
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            onBegin();
            return Inner.CopyToAsync(stream, context, cancellationToken);
        }
    }
}
