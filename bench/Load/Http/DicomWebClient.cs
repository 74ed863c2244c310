using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ImagingIngestion.Load.Http;

/// <summary>The requests that the scenarios send, each with a check that the answer is what was asked for.</summary>
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

    /// <summary>Stores instances; returns when every one of them is answered as stored.</summary>
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

    /// <summary>Reads a JSON array of one item and gives the number in an attribute of it.</summary>
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
            for (int read = await stream.ReadAsync(buffer, cancellationToken); read > 0; read =
                await stream.ReadAsync(buffer, cancellationToken))
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

    /// <summary>Whether the URL answers 2xx now.</summary>
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

/// <summary>A server answered otherwise than the scenario needs, so that its figure would mean nothing.</summary>
public sealed class LoadException(string message) : Exception(message);
