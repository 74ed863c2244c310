using ImagingIngestion.Manifest.Identity;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Makes absolute URLs as the client can use them.</summary>
/// <remarks>
/// They begin with the configured public URL, else with the URL that known reverse proxies were asked for, else with the Host header.
/// </remarks>
/// <param name="publicUrl">
/// The public URL of the services; null derives it from each request. It may end in the path of a service that retrieves (<c>/wado-rs</c>,
/// <c>/dicom-web</c>).
/// </param>
public sealed class RequestUrls(string? publicUrl)
{
    private static readonly string[] RetrieveRoots = ["/wado-rs", "/dicom-web"];

    /// <summary>Returns the beginning of RetrieveURL and BulkDataURI for the group of routes that a request belongs to.</summary>
    internal string Retrieve(HttpContext context) => Retrieve(context.Request, RetrieveRoot.Of(context));

    /// <summary>Returns the absolute URL of a service that retrieves, without a trailing slash.</summary>
    /// <param name="request">The request that is answered.</param>
    /// <param name="root">The path of the service, with a leading slash.</param>
    public string Retrieve(HttpRequest request, string root)
        => publicUrl is { } url ? RetrieveBelow(url, root) : Base(request) + root;

    /// <summary>Returns the URL of a service below a configured URL, which may name the service already.</summary>
    public static string RetrieveBelow(string publicUrl, string root)
    {
        string url = publicUrl.TrimEnd('/');
        return RetrieveRoots.Any(known => url.EndsWith(known, StringComparison.Ordinal)) ? url : url + root;
    }

    /// <summary>Returns scheme, host and path prefix without a trailing slash.</summary>
    public string Base(HttpRequest request)
    {
        if (publicUrl is { } url)
        {
            return url.TrimEnd('/');
        }

        string host = request.Host.HasValue ? request.Host.ToUriComponent() : "localhost";
        return $"{(request.IsHttps ? "https" : "http")}://{host}{request.PathBase.ToUriComponent()}";
    }
}

/// <summary>The service that the RetrieveURLs of a group of routes name, as metadata of its endpoints.</summary>
/// <param name="Path">The path of the service, with a leading slash.</param>
internal sealed record RetrieveRoot(string Path)
{
    public static string Of(HttpContext context) => context.GetEndpoint()!.Metadata.GetRequiredMetadata<RetrieveRoot>().Path;
}

/// <summary>The storage space that this process serves.</summary>
/// <param name="Provider">Its name, part of every identity.</param>
public sealed record ServedSpace(ProviderName Provider);
