using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Tests;

/// <summary>An answer of a <see cref="FhirServer"/>.</summary>
internal sealed record FhirAnswer(int Status)
{
    public JsonObject? Body { get; init; }

    /// <summary>The body if it is no resource.</summary>
    public string? Text { get; init; }

    public string? Version { get; init; }

    public string? Location { get; init; }

    public int? RetryAfter { get; init; }

    public async Task WriteAsync(HttpResponse response, bool hasNoVersions)
    {
        response.StatusCode = Status;
        if (Version is not null && !hasNoVersions)
        {
            response.Headers.ETag = $"W/\"{Version}\"";
        }

        if (Location is not null)
        {
            response.Headers.Location = Location;
        }

        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if ((Body?.ToJsonString() ?? Text) is { } text)
        {
            response.ContentType = "application/fhir+json";
            await response.WriteAsync(text, response.HttpContext.RequestAborted);
        }
    }
}
