using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ImagingIngestion.Gateways;

/// <summary>
/// Absolute URLs as the client can use them: below the configured public URL, else below what the reverse proxies say they were asked for (RFC 7239 Forwarded,
/// X-Forwarded-Proto, -Host, -Port, -Prefix), else below the Host header.
/// </summary>
public static class RequestUrls
{
    private static readonly string[] RetrieveRoots = ["/wado-rs", "/dicom-web"];

    /// <summary>The absolute URL of a service that retrieves, without a trailing slash: what RetrieveURL and BulkDataURI begin with.</summary>
    /// <param name="request">The request that is answered.</param>
    /// <param name="options">The configured public URL.</param>
    /// <param name="root">The path of the service, with a leading slash.</param>
    public static string Retrieve(HttpRequest request, DicomWebOptions options, string root)
        => options.PublicUrl is { } url ? RetrieveRoot(url, root) : Base(request, options) + root;

    /// <summary>The same below a configured URL, which may name the service already.</summary>
    public static string RetrieveRoot(string publicUrl, string root)
    {
        string url = publicUrl.TrimEnd('/');
        return RetrieveRoots.Any(known => url.EndsWith(known, StringComparison.Ordinal)) ? url : url + root;
    }

    /// <summary>Scheme, host and path prefix without a trailing slash.</summary>
    public static string Base(HttpRequest request, DicomWebOptions options)
    {
        if (options.PublicUrl is { } url)
        {
            return url.TrimEnd('/');
        }

        string scheme = request.Scheme;
        string host = request.Host.HasValue ? request.Host.ToUriComponent() : "localhost";
        string prefix = "";
        if (options.TrustForwardedHeaders)
        {
            IHeaderDictionary headers = request.Headers;
            scheme = Scheme(ForwardedValue(headers["Forwarded"], "proto")) ?? Scheme(First(headers["X-Forwarded-Proto"])) ?? scheme;
            host = Host(ForwardedValue(headers["Forwarded"], "host")) ?? WithPort(Host(First(headers["X-Forwarded-Host"])) ?? host, First(headers["X-Forwarded-Port"]), scheme);
            prefix = Prefix(First(headers["X-Forwarded-Prefix"]));
        }

        return $"{scheme}://{host}{prefix}{request.PathBase.ToUriComponent()}";
    }

    /// <summary>The element that the proxy nearest to the client added is the first.</summary>
    private static string? First(StringValues values)
        => values.Count == 0 || values[0] is not { } text ? null : text.Split(',', 2)[0].Trim();

    private static string? ForwardedValue(StringValues values, string name)
    {
        foreach (string pair in (First(values) ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && pair.AsSpan(0, equals).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return pair[(equals + 1)..].Trim().Trim('"');
            }
        }

        return null;
    }

    private static string? Scheme(string? text) => text?.ToLowerInvariant() is "http" or "https" ? text.ToLowerInvariant() : null;

    private static string? Host(string? text)
        => text is { Length: > 0 and <= 255 } && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' or ':' or '[' or ']')
            && Uri.TryCreate("http://" + text, UriKind.Absolute, out _) ? text : null;

    private static string WithPort(string host, string? port, string scheme)
    {
        bool hasPort = host.LastIndexOf(':') > host.LastIndexOf(']');
        bool isDefault = port == (scheme == "https" ? "443" : "80");
        return hasPort || isDefault || !ushort.TryParse(port, out ushort number) ? host : $"{host}:{number}";
    }

    private static string Prefix(string? text)
    {
        string trimmed = text?.TrimEnd('/') ?? "";
        bool valid = trimmed is { Length: > 0 and <= 256 } && trimmed[0] == '/' && !trimmed.StartsWith("//", StringComparison.Ordinal)
            && trimmed.All(character => char.IsAsciiLetterOrDigit(character) || "/-._~%".Contains(character, StringComparison.Ordinal));
        return valid ? trimmed : "";
    }
}
