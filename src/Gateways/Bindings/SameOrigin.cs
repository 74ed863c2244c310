using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways;

/// <summary>Refuses changes that a page of another site makes in a browser: there the network place of the operator is enough to be let in.</summary>
internal static class SameOrigin
{
    /// <summary>Programs send no Origin; a browser sends that of its page with every request that changes something.</summary>
    public static Task RequireAsync(HttpContext context, DicomWebOptions options, Func<HttpContext, Task> handler)
    {
        string? origin = context.Request.Headers.Origin;
        if (string.IsNullOrEmpty(origin) || IsOwn(origin, context.Request, options))
        {
            return handler(context);
        }

        return Problem.WriteAsync(context, 403, "Another origin", "Bindings are changed from the command line, from programs, or from pages of this server; not from pages of other sites.");
    }

    private static bool IsOwn(string origin, HttpRequest request, DicomWebOptions options)
        => Uri.TryCreate(origin, UriKind.Absolute, out Uri? page)
            && (IsSame(page, RequestUrls.Base(request, options)) || IsSame(page, $"{request.Scheme}://{request.Host.ToUriComponent()}"));

    private static bool IsSame(Uri page, string own)
        => Uri.TryCreate(own, UriKind.Absolute, out Uri? url) && string.Equals(page.Authority, url.Authority, StringComparison.OrdinalIgnoreCase)
            && string.Equals(page.Scheme, url.Scheme, StringComparison.OrdinalIgnoreCase);
}
