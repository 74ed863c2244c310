using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ImagingIngestion.Bindings.Webhook;

/// <summary>Makes the request that carries an event (CloudEvents HTTP binding 1.0).</summary>
/// <param name="endpoint">Where it goes.</param>
/// <param name="key">Signs it; null leaves the signature out.</param>
internal sealed class CloudEventRequest(Uri endpoint, byte[]? key)
{
    /// <summary>Binary mode: the attributes are headers, the body is the data.</summary>
    public HttpRequestMessage Binary(IEnumerable<(string Name, string Value)> attributes, ReadOnlyMemory<byte> data)
    {
        (string Name, string Value)[] headers = [.. attributes.Select(attribute => ($"ce-{attribute.Name}", CloudEventHeader.Encode(attribute.Value)))];
        HttpRequestMessage request = Create(headers, [data], CloudEventAttributes.ContentType);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    /// <summary>Structured mode: one JSON document with attributes and data.</summary>
    public HttpRequestMessage Structured(IEnumerable<(string Name, string Value)> attributes, ReadOnlyMemory<byte> data)
    {
        ArrayBufferWriter<byte> head = new();
        using (Utf8JsonWriter json = new(head))
        {
            json.WriteStartObject();
            foreach ((string name, string value) in attributes)
            {
                json.WriteString(name, value);
            }

            json.WriteString("datacontenttype", CloudEventAttributes.ContentType);
            json.WriteNull("data");
            json.WriteEndObject();
        }

        // The data, which may be long, takes the place of the null without being copied.
        ReadOnlyMemory<byte> document = head.WrittenMemory;
        return Create([], [document[..^"null}".Length], data, document[^1..]], "application/cloudevents+json; charset=utf-8");
    }

    private HttpRequestMessage Create(IReadOnlyCollection<(string Name, string Value)> headers, IReadOnlyList<ReadOnlyMemory<byte>> body, string contentType)
    {
        HttpRequestMessage request = new(HttpMethod.Post, endpoint) { Content = new PartsContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation(CloudEventSignature.Header, CloudEventSignature.Sign(key, headers, body));
        }

        return request;
    }
}
