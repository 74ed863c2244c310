using System.Net;
using System.Net.Http.Headers;

namespace ImagingIngestion.Bindings;

/// <summary>Adds the authorisation to requests that go to the target itself, and once more after a 401 when there is another one to be had.</summary>
internal sealed class AuthorizationHandler(Uri endpoint, IAuthorization? authorization, ClientCertificate? own) : DelegatingHandler
{
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

    /// <summary>A target that refuses the credentials is asked to do so before the body is on its way, unless it has shown that it cannot.</summary>
    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, AuthenticationHeaderValue header, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = header;
        request.Headers.ExpectContinue = request.Content is not null && _canExpect;
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.ExpectationFailed || request.Headers.ExpectContinue != true)
        {
            return response;
        }

        response.Dispose();
        _canExpect = false;
        request.Headers.ExpectContinue = false;
        return await base.SendAsync(request, cancellationToken);
    }
}
