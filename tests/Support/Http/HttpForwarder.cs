using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace ImagingIngestion.Tests;

/// <summary>Forwards requests to a server, like a reverse proxy that keeps the Host name of the request.</summary>
/// <remarks>URLs in answers lead back to the proxy, and signatures that cover the name stay valid.</remarks>
internal sealed class HttpForwarder : IDisposable
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly HttpClient _client = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { Timeout = TimeSpan.FromMinutes(1) };

    /// <summary>Forwards a request to the same path of another server; aborts the connection if either side breaks off.</summary>
    /// <param name="context">The request and its answer.</param>
    /// <param name="server">The other server; only its scheme, host and port count.</param>
    /// <param name="onAnswer">Runs when the headers of the answer are there; if it returns false, the client gets no answer.</param>
    public Task ForwardAsync(HttpContext context, Uri server, Func<Task<bool>>? onAnswer = null)
    {
        string target = server.GetLeftPart(UriPartial.Authority) + context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return ForwardToAsync(context, new Uri(target, AsItIs), onAnswer);
    }

    /// <summary>Forwards a request to one resource, whatever its own path.</summary>
    public async Task ForwardToAsync(HttpContext context, Uri resource, Func<Task<bool>>? onAnswer = null)
    {
        using HttpRequestMessage request = Copy(context.Request, resource);
        try
        {
            using HttpResponseMessage answer =
                await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            if (onAnswer is not null && !await onAnswer())
            {
                context.Abort();
                return;
            }

            context.Response.StatusCode = (int)answer.StatusCode;
            foreach ((string name, IEnumerable<string> values) in answer.Headers.Concat(answer.Content.Headers).Where(
                header => header.Key is not ("Connection" or "Transfer-Encoding")))
            {
                context.Response.Headers[name] = values.ToArray();
            }

            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            context.Abort();
        }
    }

    public void Dispose() => _client.Dispose();

    private static HttpRequestMessage Copy(HttpRequest original, Uri resource)
    {
        HttpRequestMessage request = new(new HttpMethod(original.Method), resource) { Content = new StreamContent(original.Body) };
        foreach ((string name, StringValues values) in original.Headers.Where(
            header => header.Key is not ("Expect" or "Connection" or "Transfer-Encoding")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        // A body without a length is sent on in chunks.
        if (!original.HttpContext.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody)
        {
            request.Content.Headers.ContentLength = 0;
        }

        return request;
    }
}
