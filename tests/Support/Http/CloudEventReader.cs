using System.Net.Http.Headers;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.Http;
using CloudNative.CloudEvents.SystemTextJson;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ImagingIngestion.Tests;

/// <summary>Reads what a webhook posts with the CloudEvents SDK, which knows nothing of our writer.</summary>
internal static class CloudEventReader
{
    private static readonly JsonEventFormatter Formatter = new();

    /// <summary>Returns the event of a request in binary or structured mode; throws if it is not a valid one.</summary>
    public static async Task<CloudEvent> ReadAsync(HttpRequest request)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, "http://localhost/") { Content = new StreamContent(request.Body) };
        message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.ContentType ?? "");
        foreach ((string name, StringValues values) in request.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        return (await message.ToCloudEventAsync(Formatter)).Validate();
    }
}
