using System.Net;
using System.Net.Http.Headers;

namespace ImagingIngestion.Bindings;

/// <summary>Adds the authorisation to requests that go to the target itself, and once more after a 401 when there is another one to be had.</summary>
internal sealed class AuthorizationHandler(Uri endpoint, IAuthorization? authorization, ClientCertificate? own) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        own?.EnsureValid();
        if (authorization is null || request.RequestUri is null || !Authority.IsSame(request.RequestUri, endpoint))
        {
            return await base.SendAsync(request, cancellationToken);
        }

        AuthenticationHeaderValue header = await authorization.GetAsync(cancellationToken);
        request.Headers.Authorization = header;
        // A target that refuses the credentials then does so before the body is on its way.
        request.Headers.ExpectContinue ??= request.Content is null ? null : true;
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return response;
        }

        using (response)
        {
            if (await authorization.RenewAsync(header, cancellationToken) is not { } renewed)
            {
                return Detach(response);
            }

            request.Headers.Authorization = renewed;
        }

        return await base.SendAsync(request, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            authorization?.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The refusal without its body, which is closed here.</summary>
    private static HttpResponseMessage Detach(HttpResponseMessage response)
    {
        HttpResponseMessage copy = new(response.StatusCode) { RequestMessage = response.RequestMessage, ReasonPhrase = response.ReasonPhrase };
        foreach ((string name, IEnumerable<string> values) in response.Headers)
        {
            copy.Headers.TryAddWithoutValidation(name, values);
        }

        return copy;
    }
}
