using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Writes error answers as <c>application/problem+json</c> (RFC 9457).</summary>
/// <remarks>The detail says what to change and holds no patient data.</remarks>
public static class Problem
{
    /// <summary>Writes the whole answer; does nothing when the response has begun, because its status can no longer be changed.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="title">What kind of problem it is.</param>
    /// <param name="detail">What to change.</param>
    /// <param name="retryAfterSeconds">When to ask again, where that helps.</param>
    /// <param name="member">An extension member (RFC 9457 section 3.2) that programs read.</param>
    public static Task WriteAsync(
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
            return Task.CompletedTask;
        }

        // That of the resource, or none for an unsatisfiable range.
        response.ContentLength = null;
        response.Headers.CacheControl = "no-store";
        if (retryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        ProblemDetails problem = new() { Type = "about:blank", Status = status, Title = title, Detail = detail };
        if (member is { } extension)
        {
            problem.Extensions.Add(extension.Name, extension.Value);
        }

        return TypedResults.Problem(problem).ExecuteAsync(context);
    }
}
