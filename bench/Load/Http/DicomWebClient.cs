using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ImagingIngestion.Load.Generator;

namespace ImagingIngestion.Load.Http;

/// <summary>The requests that the scenarios send, each with a check of the answer.</summary>
public sealed class DicomWebClient : IDisposable
{
    private const int DrainBuffer = 256 << 10;

    private readonly HttpClient _http;
    private readonly string _root;

    public DicomWebClient(Uri root, TimeSpan timeout)
    {
        _root = root.ToString().TrimEnd('/');
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        };
        _http = new HttpClient(handler) { Timeout = timeout };
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Stores instances; returns when all of them are answered as stored.</summary>
    public async Task StoreAsync(StowRequestContent content, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, $"{_root}/studies") { Content = content };
        request.Headers.TryAddWithoutValidation("Accept", "application/dicom+json");
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new LoadException($"store answered {(int)response.StatusCode}");
        }

        using JsonDocument json = JsonDocument.Parse(body);
        int stored = CountReferenced(json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement[0] : json.RootElement);
        if (stored != content.Count)
        {
            throw new LoadException(
                string.Create(CultureInfo.InvariantCulture, $"store of {content.Count} instances answered {stored} as stored"));
        }
    }

    /// <summary>Stores one instance as the body.</summary>
    public async Task StoreFileAsync(byte[] file, CancellationToken cancellationToken)
    {
        using ByteArrayContent content = new(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        using HttpResponseMessage response = await _http.PostAsync($"{_root}/studies", content, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new LoadException($"store answered {(int)response.StatusCode}");
        }
    }

    /// <summary>Reads a JSON array and counts its items.</summary>
    public async Task<int> CountItemsAsync(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendGetAsync(path, "application/dicom+json", cancellationToken);
        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            return 0;
        }

        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        using JsonDocument json = JsonDocument.Parse(body);
        return json.RootElement.GetArrayLength();
    }

    /// <summary>Reads a JSON array of one item and returns the number in one of its attributes.</summary>
    public async Task<long> ReadNumberAsync(string path, string tag, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendGetAsync(path, "application/dicom+json", cancellationToken);
        using JsonDocument json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        return json.RootElement[0].GetProperty(tag).GetProperty("Value")[0].GetInt64();
    }

    /// <summary>Reads an answer to its end, optionally into a file, and returns its bytes.</summary>
    public async Task<long> DrainAsync(string path, string accept, Stream? copy, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendGetAsync(path, accept, cancellationToken);
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(DrainBuffer);
        try
        {
            long total = 0;
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                total += read;
                if (copy is not null)
                {
                    await copy.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                }
            }

            return total;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Returns whether the URL answers 2xx now.</summary>
    public async Task<bool> IsReadyAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _http.GetAsync($"{_root}{path}", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<HttpResponseMessage> SendGetAsync(string path, string accept, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"{_root}{path}");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        int status = (int)response.StatusCode;
        response.Dispose();
        throw new LoadException($"GET answered {status}");
    }

    private static int CountReferenced(JsonElement answer)
        => answer.TryGetProperty("00081199", out JsonElement sequence) && sequence.TryGetProperty("Value", out JsonElement items)
            ? items.GetArrayLength()
            : 0;
}

/// <summary>A server gave an answer that makes the scenario's figure meaningless.</summary>
public sealed class LoadException(string message) : Exception(message);

/// <summary>A STOW-RS request body (PS3.18 section 10.5) that is generated while it is sent.</summary>
public sealed class StowRequestContent : HttpContent
{
    private readonly InstanceWriter _writer;
    private readonly long _firstIndex;
    private readonly int _count;
    private readonly bool _isChunked;

    public StowRequestContent(InstanceWriter writer, long firstIndex, int count, bool isChunked)
    {
        _writer = writer;
        _firstIndex = firstIndex;
        _count = count;
        _isChunked = isChunked;
        Headers.ContentType = MediaTypeHeaderValue.Parse(
            $"multipart/related; type=\"application/dicom\"; boundary={InstanceWriter.Boundary}");
    }

    /// <summary>Instances in the body.</summary>
    public int Count => _count;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        => _writer.WriteBodyAsync(stream, _firstIndex, _count, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = _writer.BodyLength(_count);
        return !_isChunked;
    }
}
