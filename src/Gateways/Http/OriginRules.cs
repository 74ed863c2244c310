using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Http;

/// <summary>
/// Decides what pages of other origins may do: listed ones read, a few of them store, and none changes anything else.
/// </summary>
/// <remarks>
/// Host and scheme are those of the connection: forwarding headers take no part (docs/decisions/011-pages-hosts-and-proxies.md).
/// </remarks>
internal sealed class OriginRules : ICorsPolicyProvider
{
    private static readonly string[] ExposedHeaders =
    [
        "ETag", "Content-Location", "Content-Range", "Accept-Ranges", "Content-Length", "Location", "Last-Modified", "Link", "Retry-After",
        "Warning", "X-Total-Count",
    ];

    private static readonly TimeSpan PreflightAge = TimeSpan.FromHours(2);

    private readonly HashSet<string> _storing;
    private readonly string? _ownOrigin;
    private readonly CorsPolicy _readers;
    private readonly CorsPolicy _storers;
    private readonly CorsPolicy _nobody;

    public OriginRules(IOptions<HttpOptions> options, IOptions<ServerOptions> server)
    {
        HttpOptions http = options.Value;
        _storing = [.. http.StoringOrigins];
        _ownOrigin = server.Value.BaseUrl is { } url ? new Uri(url).GetLeftPart(UriPartial.Authority) : null;
        _readers = http.AllowedOrigins.Contains(HttpOptions.Any)
            ? Policy(policy => policy.AllowAnyOrigin(), HttpMethods.Get, HttpMethods.Head)
            : Policy([.. http.AllowedOrigins, .. http.StoringOrigins], HttpMethods.Get, HttpMethods.Head);
        _storers = Policy(_storing, HttpMethods.Post);
        _nobody = Policy([]);
    }

    /// <summary>Returns the policy for the method that a request has, or that a preflight asks for.</summary>
    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName)
    {
        HttpRequest request = context.Request;
        string method = HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0
            ? request.Headers.AccessControlRequestMethod.ToString()
            : request.Method;
        return Task.FromResult<CorsPolicy?>(IsSafe(method) ? _readers : IsStore(method, request.Path) ? _storers : _nobody);
    }

    /// <summary>Returns whether a request changes something on behalf of a page that may not.</summary>
    public bool Refuses(HttpRequest request)
        => !IsSafe(request.Method)
            && IsForeign(request)
            && !(IsStore(request.Method, request.Path) && _storing.Contains(request.Headers.Origin.ToString()));

    /// <summary>Returns whether a browser sent the request for a page of another origin.</summary>
    /// <remarks>
    /// Browsers name the relation in Sec-Fetch-Site if the address is https or loopback, and send Origin with every change. Programs send
    /// neither.
    /// </remarks>
    private bool IsForeign(HttpRequest request)
    {
        string origin = request.Headers.Origin.ToString();
        return request.Headers["Sec-Fetch-Site"].ToString() switch
        {
            "" => origin.Length > 0 && !IsOwn(origin, request),
            "same-origin" or "none" => false,
            _ => true,
        };
    }

    private bool IsOwn(string origin, HttpRequest request)
        => string.Equals(origin, $"{request.Scheme}://{request.Host.ToUriComponent()}", StringComparison.OrdinalIgnoreCase)
            || string.Equals(origin, _ownOrigin, StringComparison.OrdinalIgnoreCase);

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static bool IsStore(string method, PathString path)
        => HttpMethods.IsPost(method)
            && GatewayRoles.StoringRoots.Any(root => path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase));

    private static CorsPolicy Policy(IReadOnlyCollection<string> origins, params string[] methods)
    {
        // A predicate instead of a list makes answers vary by origin even where there is only one.
        HashSet<string> allowed = [.. origins];
        return Policy(policy => policy.SetIsOriginAllowed(allowed.Contains), methods);
    }

    private static CorsPolicy Policy(Action<CorsPolicyBuilder> allow, params string[] methods)
    {
        CorsPolicyBuilder policy = new();
        allow(policy);
        return policy.WithMethods(methods).AllowAnyHeader().WithExposedHeaders(ExposedHeaders).SetPreflightMaxAge(PreflightAge).Build();
    }
}
