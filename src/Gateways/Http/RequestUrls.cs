using ImagingIngestion.Manifest.Identity;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Http;

/// <summary>
/// Absolute URLs as the client can use them: below the configured public URL, else below what known reverse proxies say they were asked
/// for, else below the Host header.
/// </summary>
public static class RequestUrls
{
    private static readonly string[] RetrieveRoots = ["/wado-rs", "/dicom-web"];

    /// <summary>
    /// The absolute URL of a service that retrieves, without a trailing slash: what RetrieveURL and BulkDataURI begin with.
    /// </summary>
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

        string host = request.Host.HasValue ? request.Host.ToUriComponent() : "localhost";
        return $"{(request.IsHttps ? "https" : "http")}://{host}{request.PathBase.ToUriComponent()}";
    }
}

/// <summary>What all DICOMweb services share.</summary>
public sealed record DicomWebOptions
{
    /// <summary>The storage space that the services work on.</summary>
    public ProviderName Provider { get; init; } = new("default");

    /// <summary>
    /// The public URL of the services without a trailing slash, where reverse proxies do not tell it; null derives it from each request.
    /// May end in the path of a service that retrieves (<c>/wado-rs</c>, <c>/dicom-web</c>).
    /// </summary>
    public string? PublicUrl { get; init; }
}
