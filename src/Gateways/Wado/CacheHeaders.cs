using ImagingIngestion.Gateways.Http;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Caching of answers that hold patient data: only by the client itself, and only after asking whether they still hold.</summary>
internal static class CacheHeaders
{
    public const string Revalidate = "private, no-cache";

    /// <summary>
    /// Sets the validators of an answer in many parts and tells whether 304 is due. If-Modified-Since alone is not enough for it: the
    /// newest time of a study does not move when an instance is deleted.
    /// </summary>
    public static bool IsNotModified(HttpContext context, string tag, DateTimeOffset lastModified)
    {
        context.Response.Headers.CacheControl = Revalidate;
        context.Response.Headers.LastModified = lastModified.ToUniversalTime().ToString(
            "R", System.Globalization.CultureInfo.InvariantCulture);
        if (!ConditionalRequest.IsNotModified(context, tag, isWeak: true))
        {
            return false;
        }

        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }
}
