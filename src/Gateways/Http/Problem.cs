using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Writes error answers as <c>application/problem+json</c> (RFC 9457).</summary>
/// <remarks>
/// The detail says what to change and holds no patient data. The framework's own writer would refuse clients that accept DICOM only.
/// </remarks>
public static class Problem
{
    /// <summary>Writes the whole answer; does nothing when the response has begun, because its status can no longer be changed.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="title">The kind of the problem.</param>
    /// <param name="detail">What to change.</param>
    /// <param name="retryAfterSeconds">When to ask again, if that helps.</param>
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

        ProblemDetails problem = new() { Type = "about:blank", Status = status, Title = title, Detail = detail };
        if (member is { } extension)
        {
            problem.Extensions.Add(extension.Name, extension.Value);
        }

        byte[] body = JsonSerializer.SerializeToUtf8Bytes(problem, ProblemJson.Default.ProblemDetails);
        response.StatusCode = status;
        response.ContentType = "application/problem+json";
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        if (retryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}

/// <summary>Writes problems without reflection.</summary>
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(long))]
internal sealed partial class ProblemJson : JsonSerializerContext;
