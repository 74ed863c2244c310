using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Conditional GET and HEAD (RFC 9110 section 13) against the current state of a resource.</summary>
public static class ConditionalRequest
{
    /// <summary>Sets ETag and Last-Modified, and returns whether the answer is 304.</summary>
    /// <remarks>If-None-Match is compared weakly and rules out If-Modified-Since.</remarks>
    /// <param name="context">The request, which must be GET or HEAD.</param>
    /// <param name="etag">The tag without quotes.</param>
    /// <param name="isWeak">The bytes may differ while the meaning is the same.</param>
    /// <param name="lastModified">Compared in whole seconds.</param>
    public static bool IsNotModified(HttpContext context, string etag, bool isWeak = false, DateTimeOffset? lastModified = null)
    {
        EntityTagHeaderValue current = new($"\"{etag}\"", isWeak);
        IHeaderDictionary headers = context.Response.Headers;
        headers.ETag = current.ToString();
        if (lastModified is { } modified)
        {
            headers.LastModified = HeaderUtilities.FormatDate(modified);
        }

        IHeaderDictionary request = context.Request.Headers;
        if (request.IfNoneMatch.Count > 0)
        {
            return Matches(request.IfNoneMatch, current);
        }

        return lastModified is { } time && HeaderUtilities.TryParseDate(request.IfModifiedSince.ToString(), out DateTimeOffset since)
            && time.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds();
    }

    /// <summary>Returns whether a Range may be honoured: there is no If-Range, or it names the current state (strong comparison).</summary>
    public static bool AllowsRange(HttpRequest request, string etag, DateTimeOffset? lastModified = null)
    {
        string text = request.Headers.IfRange.ToString();
        if (text.Length == 0)
        {
            return true;
        }

        return HeaderUtilities.TryParseDate(text, out DateTimeOffset date)
            ? lastModified is { } time && time.ToUnixTimeSeconds() == date.ToUnixTimeSeconds()
            : text == $"\"{etag}\"";
    }

    private static bool Matches(IList<string?> values, EntityTagHeaderValue current)
        => values.Any(value => value?.Trim() == "*")
            || (EntityTagHeaderValue.TryParseList(values.Select(value => value ?? "").ToList(), out IList<EntityTagHeaderValue>? tags)
                && tags.Any(tag => tag.Compare(current, useStrongComparison: false)));
}

/// <summary>
/// Caching of answers that hold patient data: only by the client itself, which must ask each time whether they are current.
/// </summary>
internal static class CacheHeaders
{
    public const string Revalidate = "private, no-cache";

    /// <summary>Sets the validators of an answer in many parts, and returns whether 304 is due.</summary>
    /// <remarks>If-Modified-Since alone is not enough: the newest time of a study does not move when an instance is deleted.</remarks>
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

/// <summary>Makes entity tags from the content of an answer and its representation.</summary>
internal static class EntityTag
{
    /// <summary>Returns a tag without quotes that differs if one of the parts does.</summary>
    public static string Of(params ReadOnlySpan<string> parts)
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts!))))[..32];
}
