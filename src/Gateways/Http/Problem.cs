using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Error answers as <c>application/problem+json</c> (RFC 9457). Detail says what to change and holds no patient data.</summary>
public static class Problem
{
    /// <summary>Writes the whole answer; does nothing when the response has begun, because its status can no longer be changed.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="title">What kind of problem it is.</param>
    /// <param name="detail">What to change.</param>
    /// <param name="retryAfterSeconds">When to ask again, where that helps.</param>
    /// <param name="member">An extension member (RFC 9457 section 3.2) that programs read.</param>
    public static async Task WriteAsync(
        HttpContext context,
        int status,
        string title,
        string detail,
        int? retryAfterSeconds = null,
        (string Name, long Value)? member = null)
    {
        HttpResponse response = context.Response;
        if (response.HasStarted)
        {
            return;
        }

        response.StatusCode = status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (retryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        byte[] body = Body(status, title, detail, member);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static byte[] Body(int status, string title, string detail, (string Name, long Value)? member)
    {
        using MemoryStream body = new();
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "about:blank");
            json.WriteString("title"u8, title);
            json.WriteNumber("status"u8, status);
            json.WriteString("detail"u8, detail);
            if (member is { } extension)
            {
                json.WriteNumber(extension.Name, extension.Value);
            }

            json.WriteEndObject();
        }

        return body.ToArray();
    }
}
