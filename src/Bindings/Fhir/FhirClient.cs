using System.Net;
using System.Net.Http.Headers;
using ImagingIngestion.Bindings.Http;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>The interactions with a FHIR R4 server (http.html of R4) that an ImagingStudy needs.</summary>
internal sealed class FhirClient
{
    /// <summary>The elements of a resource that an update needs.</summary>
    private const string Elements = "_elements=identifier,subject,extension,meta";

    /// <summary>The most bytes of an answer that only states an outcome.</summary>
    private const int MaxOutcome = 256 << 10;

    private static readonly MediaTypeHeaderValue MediaType = new("application/fhir+json");

    private readonly TargetCaller _caller;
    private readonly Uri _endpoint;
    private volatile bool _asksForAll;

    public FhirClient(HttpTargetOptions options, HttpClient client, AnswerMemory answers, TimeProvider time)
    {
        _caller = new TargetCaller(client, answers, time);
        _endpoint = WithPath(options.Endpoint, options.Endpoint.AbsolutePath.TrimEnd('/'));
    }

    /// <summary>Reads the CapabilityStatement of the server.</summary>
    public Task<TargetReply> ReadCapabilitiesAsync(CancellationToken cancellationToken)
    {
        string path = _endpoint.AbsolutePath;
        return SendAsync(
            Request(HttpMethod.Get, WithPath(_endpoint, path[..(path.LastIndexOf('/') + 1)] + "metadata")),
            AnswerMemory.MaxAnswerBytes,
            cancellationToken);
    }

    /// <summary>Reads the first page of the resources with an identifier, <c>system|value</c>.</summary>
    /// <remarks>If the server refuses to select elements, all are requested from then on.</remarks>
    public async Task<TargetReply> SearchAsync(string identifier, CancellationToken cancellationToken)
    {
        string query = $"identifier={Uri.EscapeDataString(identifier)}";
        if (!_asksForAll)
        {
            TargetReply reply = await SearchAsync(WithQuery(_endpoint, $"{query}&{Elements}"), cancellationToken);
            if (reply.Status != HttpStatusCode.BadRequest)
            {
                return reply;
            }

            reply.Dispose();
        }

        TargetReply all = await SearchAsync(WithQuery(_endpoint, query), cancellationToken);
        _asksForAll |= all.IsSuccess;
        return all;
    }

    /// <summary>Reads the next page; returns null if its address belongs to another server.</summary>
    public async Task<TargetReply?> SearchNextAsync(string next, CancellationToken cancellationToken)
        => Uri.TryCreate(_endpoint, next, out Uri? url) && Authority.IsSame(url, _endpoint)
            ? await SearchAsync(url, cancellationToken)
            : null;

    public Task<TargetReply> ReadAsync(string id, CancellationToken cancellationToken)
        => SendAsync(Request(HttpMethod.Get, ResourceUri(id)), AnswerMemory.MaxAnswerBytes, cancellationToken);

    /// <summary>Creates the resource unless one with the identifier is there (conditional create).</summary>
    public Task<TargetReply> CreateAsync(ReadOnlyMemory<byte> resource, string identifier, CancellationToken cancellationToken)
    {
        HttpRequestMessage request = Request(HttpMethod.Post, _endpoint, resource);
        request.Headers.TryAddWithoutValidation("If-None-Exist", $"identifier={Uri.EscapeDataString(identifier)}");
        return SendAsync(request, MaxOutcome, cancellationToken);
    }

    /// <summary>Updates the resource; with a version, only if it is still the current one (versioned update).</summary>
    public Task<TargetReply> UpdateAsync(ReadOnlyMemory<byte> resource, string id, string? version, CancellationToken cancellationToken)
    {
        HttpRequestMessage request = Request(HttpMethod.Put, WithPath(_endpoint, $"{_endpoint.AbsolutePath}/{id}"), resource);
        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", $"W/\"{version}\"");
        }

        return SendAsync(request, MaxOutcome, cancellationToken);
    }

    private static Uri WithQuery(Uri uri, string query)
        => new UriBuilder(uri) { Query = uri.Query.Length > 1 ? $"{uri.Query[1..]}&{query}" : query }.Uri;

    private Uri ResourceUri(string id)
    {
        Uri whole = WithPath(_endpoint, $"{_endpoint.AbsolutePath}/{id}");
        return _asksForAll ? whole : WithQuery(whole, Elements);
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
        // Some servers answer a recent search from a cache, and ignore parameters that they do not know.
        HttpRequestMessage request = Request(HttpMethod.Get, url);
        request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        request.Headers.TryAddWithoutValidation("Prefer", "handling=strict");
        return SendAsync(request, AnswerMemory.MaxAnswerBytes, cancellationToken);
    }

    private Task<TargetReply> SendAsync(HttpRequestMessage request, int maxBody, CancellationToken cancellationToken)
        => _caller.SendAsync(request, maxBody, cancellationToken);
}
