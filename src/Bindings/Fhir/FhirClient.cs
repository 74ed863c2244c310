using System.Net.Http.Headers;
using ImagingIngestion.Options;

namespace ImagingIngestion.Bindings;

/// <summary>The interactions with a FHIR R4 server (http.html of R4) that an ImagingStudy needs.</summary>
internal sealed class FhirClient
{
    /// <summary>Most bytes of a resource, or of a page of a search, that are read.</summary>
    private const int MaxResource = 32 << 20;

    /// <summary>Most bytes of an answer that should only tell an outcome.</summary>
    private const int MaxOutcome = 256 << 10;

    private static readonly MediaTypeHeaderValue MediaType = new("application/fhir+json");

    private readonly TargetCaller _caller;
    private readonly Uri _endpoint;

    public FhirClient(HttpTargetOptions options, HttpClient client, TimeProvider time)
    {
        _caller = new TargetCaller(client, time);
        _endpoint = WithPath(options.Endpoint, options.Endpoint.AbsolutePath.TrimEnd('/'));
    }

    /// <summary>What the server says it can do.</summary>
    public Task<TargetReply> ReadCapabilitiesAsync(CancellationToken cancellationToken)
    {
        string path = _endpoint.AbsolutePath;
        return SendAsync(Request(HttpMethod.Get, WithPath(_endpoint, path[..(path.LastIndexOf('/') + 1)] + "metadata")), MaxResource, cancellationToken);
    }

    /// <summary>The first page of the resources with an identifier, <c>system|value</c>.</summary>
    public Task<TargetReply> SearchAsync(string identifier, CancellationToken cancellationToken)
    {
        string query = $"identifier={Uri.EscapeDataString(identifier)}";
        UriBuilder url = new(_endpoint);
        url.Query = url.Query.Length > 1 ? $"{url.Query[1..]}&{query}" : query;
        return SearchAsync(url.Uri, cancellationToken);
    }

    /// <summary>The page behind a page; null when the server names an address that is not its own, or none.</summary>
    public Task<TargetReply>? SearchOn(string? next, CancellationToken cancellationToken)
        => next is not null && Uri.TryCreate(_endpoint, next, out Uri? url) && Authority.IsSame(url, _endpoint)
            ? SearchAsync(url, cancellationToken) : null;

    public Task<TargetReply> ReadAsync(string id, CancellationToken cancellationToken)
        => SendAsync(Request(HttpMethod.Get, WithPath(_endpoint, $"{_endpoint.AbsolutePath}/{id}")), MaxResource, cancellationToken);

    /// <summary>Creates the resource unless one with the identifier is there (conditional create).</summary>
    public Task<TargetReply> CreateAsync(ReadOnlyMemory<byte> resource, string identifier, CancellationToken cancellationToken)
    {
        HttpRequestMessage request = Request(HttpMethod.Post, _endpoint, resource);
        request.Headers.TryAddWithoutValidation("If-None-Exist", $"identifier={Uri.EscapeDataString(identifier)}");
        return SendAsync(request, MaxOutcome, cancellationToken);
    }

    /// <summary>Updates the resource, where a version is named only if it is still the current one (versioned update).</summary>
    public Task<TargetReply> UpdateAsync(ReadOnlyMemory<byte> resource, string id, string? version, CancellationToken cancellationToken)
    {
        HttpRequestMessage request = Request(HttpMethod.Put, WithPath(_endpoint, $"{_endpoint.AbsolutePath}/{id}"), resource);
        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", $"W/\"{version}\"");
        }

        return SendAsync(request, MaxOutcome, cancellationToken);
    }

    private static Uri WithPath(Uri uri, string path) => new UriBuilder(uri) { Path = path }.Uri;

    private static HttpRequestMessage Request(HttpMethod method, Uri uri, ReadOnlyMemory<byte>? resource = null)
    {
        HttpRequestMessage request = new(method, uri);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/fhir+json"));
        if (resource is { } content)
        {
            request.Content = new ReadOnlyMemoryContent(content) { Headers = { ContentType = MediaType } };
            request.Headers.TryAddWithoutValidation("Prefer", "return=minimal");
        }

        return request;
    }

    private Task<TargetReply> SearchAsync(Uri url, CancellationToken cancellationToken)
    {
        // Some servers answer a search that they answered lately from memory, and leave out parameters that they do not know.
        HttpRequestMessage request = Request(HttpMethod.Get, url);
        request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        request.Headers.TryAddWithoutValidation("Prefer", "handling=strict");
        return SendAsync(request, MaxResource, cancellationToken);
    }

    private Task<TargetReply> SendAsync(HttpRequestMessage request, int maxBody, CancellationToken cancellationToken) => _caller.SendAsync(request, maxBody, cancellationToken);
}
