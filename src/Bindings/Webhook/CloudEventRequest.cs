using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Webhook;

/// <summary>Creates the request that carries an event (CloudEvents HTTP binding 1.0).</summary>
/// <param name="endpoint">The URL of the request.</param>
/// <param name="key">The signing key; null for no signature.</param>
internal sealed class CloudEventRequest(Uri endpoint, byte[]? key)
{
    /// <summary>Creates a request in binary mode: the attributes are headers, the body is the data.</summary>
    public HttpRequestMessage Binary(IEnumerable<(string Name, string Value)> attributes, ReadOnlyMemory<byte> data)
    {
        (string Name, string Value)[] headers =
        [
            .. attributes.Select(attribute => ($"ce-{attribute.Name}", CloudEventHeader.Encode(attribute.Value)))
        ];
        HttpRequestMessage request = Create(headers, [data], CloudEventAttributes.ContentType);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    /// <summary>Creates a request in structured mode: one JSON document with attributes and data.</summary>
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

        // The data may be long: it replaces the null without being copied.
        ReadOnlyMemory<byte> document = head.WrittenMemory;
        return Create([], [document[..^"null}".Length], data, document[^1..]], "application/cloudevents+json; charset=utf-8");
    }

    private HttpRequestMessage Create(
        IReadOnlyCollection<(string Name, string Value)> headers, IReadOnlyList<ReadOnlyMemory<byte>> body, string contentType)
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

/// <summary>A body in memory in several parts.</summary>
internal sealed class PartsContent(IReadOnlyList<ReadOnlyMemory<byte>> parts) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            await stream.WriteAsync(part, cancellationToken);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = parts.Sum(part => (long)part.Length);
        return true;
    }
}

/// <summary>Encodes a value as a header of the HTTP binding (CloudEvents HTTP binding 1.0, section 3.1.3.2).</summary>
internal static class CloudEventHeader
{
    /// <summary>Percent-encodes spaces, double quotes, percent signs and everything but printable ASCII as UTF-8.</summary>
    public static string Encode(string value)
    {
        StringBuilder encoded = new(value.Length);
        Span<byte> bytes = stackalloc byte[4];
        foreach (Rune rune in value.EnumerateRunes())
        {
            if (rune.Value is > ' ' and < 0x7F and not ('"' or '%'))
            {
                encoded.Append((char)rune.Value);
                continue;
            }

            foreach (byte octet in bytes[..rune.EncodeToUtf8(bytes)])
            {
                encoded.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return encoded.ToString();
    }
}

/// <summary>Signs a request with HMAC-SHA256.</summary>
/// <remarks>
/// The signature covers the body. In binary mode the headers of the event come first: one line <c>name:value</c> each, names in lower case
/// and ordinal order, values as sent, and an empty line. So headers of two events cannot be exchanged.
/// </remarks>
internal static class CloudEventSignature
{
    public const string Header = "X-Signature-256";

    /// <summary>Returns the value of the header.</summary>
    /// <param name="key">The shared secret in UTF-8.</param>
    /// <param name="headers">The headers that begin with <c>ce-</c>.</param>
    /// <param name="body">The parts of the body.</param>
    public static string Sign(byte[] key, IReadOnlyCollection<(string Name, string Value)> headers, IEnumerable<ReadOnlyMemory<byte>> body)
    {
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        foreach ((string name, string value) in headers.OrderBy(header => header.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"{name}:{value}\n"));
        }

        if (headers.Count > 0)
        {
            hash.AppendData("\n"u8);
        }

        foreach (ReadOnlyMemory<byte> part in body)
        {
            hash.AppendData(part.Span);
        }

        return $"sha256={Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}

/// <summary>The context attributes of an event (CloudEvents 1.0), the same in both modes.</summary>
internal static class CloudEventAttributes
{
    public const string ContentType = "application/json";

    /// <summary>Returns name and value of each attribute but datacontenttype, which each mode states in its own place.</summary>
    /// <param name="logged">The event.</param>
    /// <param name="logId">The id of the log that numbered the event.</param>
    /// <param name="source">The source of the event.</param>
    public static IEnumerable<(string Name, string Value)> Of(LoggedEvent logged, string logId, string source)
    {
        yield return ("specversion", "1.0");
        yield return ("id", EventIds.Of(logId, logged.Sequence));
        yield return ("source", source);
        yield return ("type", logged.Content.Type.Name());
        yield return ("subject", Subject(logged));
        yield return ("time", logged.OccurredAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        yield return ("provider", logged.Study.Provider.Value);

        // All numbers are equally wide, because the sequence extension is compared as text.
        yield return ("sequence", logged.Sequence.ToString("D19", CultureInfo.InvariantCulture));
        if (logged.Content.Change is { } change)
        {
            yield return ("changekind", change == ChangeKind.Modification ? "modification" : "addition");
        }
    }

    private static string Subject(LoggedEvent logged)
        => logged.Content.Instance is { } instance
            ? $"{logged.Study.Study.Value}/{instance.Series.Value}/{instance.Sop.Value}"
            : logged.Study.Study.Value;
}
