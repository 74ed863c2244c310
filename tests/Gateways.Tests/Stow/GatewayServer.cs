using System.Net.Http.Headers;
using System.Text.Json;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Gateways.Admin;
using ImagingIngestion.Gateways.ChangeFeed;
using ImagingIngestion.Gateways.Dimse;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Tests.Http;
using ImagingIngestion.Grains.Revisions;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Hosting.Health;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Tests.Stow;

/// <summary>The gateway on a real Kestrel with a folder store, SQLite and the grains, in a folder of its own.</summary>
internal sealed class GatewayServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder;

    private GatewayServer(WebApplication app, DirectoryInfo folder)
    {
        _app = app;
        _folder = folder;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public int DimsePort => Services.GetRequiredService<DimseHost>().Port!.Value;

    public string ObjectsFolder => Path.Combine(_folder.FullName, "objects");

    public string ManifestFile => Path.Combine(_folder.FullName, "manifest.db");

    /// <summary>Whole objects, without uploads on their way.</summary>
    public IReadOnlyList<string> Objects => [.. Directory.EnumerateFiles(ObjectsFolder, "*.dcm", SearchOption.AllDirectories)];

    public static async Task<GatewayServer> StartAsync(
        Action<IServiceCollection>? change = null, IngestOptions? ingest = null, Func<ImagingOptions, ImagingOptions>? configure = null,
        Action<IServiceCollection>? replace = null)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("gateway-test-");
        ImagingOptions options = new()
        {
            Ingest = ingest ?? new IngestOptions(),
            Dimse = new DimseOptions { Port = 0 },
            Storage = new StorageOptions
            {
                ObjectsFolder = Path.Combine(folder.FullName, "objects"),
                ManifestFile = Path.Combine(folder.FullName, "manifest.db")
            },
        };
        options = configure?.Invoke(options) ?? options;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        change?.Invoke(builder.Services);
        builder.Services
            .AddObjectStore(options.Storage)
            .AddManifestStore(options.Storage)
            .AddGrains(options.Grains, options.Ingest.DuplicatePolicy)
            .AddRevisions(options.Revisions)
            .AddDicomWebGateway(options)
            .AddDimseGateway(options)
            .AddChangeFeed(options)
            .AddSingleton<SweeperStatus>()
            .AddSingleton<Readiness>()
            .AddSingleton<WorkReport>();
        replace?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        app.MapDicomWebGateway();
        app.MapHealth();
        app.MapChangeFeed();
        app.MapBindings(options.Bindings);
        await app.StartAsync();
        return new GatewayServer(app, folder);
    }

    public async Task<StowReply> PostAsync(string path, params byte[][] instances)
    {
        using ByteArrayContent content = new(MultipartMessages.Build("test-boundary", instances));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/related; type=\"application/dicom\"; boundary=test-boundary");
        return await PostAsync(path, content);
    }

    public async Task<StowReply> PostAsync(string path, HttpContent content, string? accept = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = content };
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using HttpResponseMessage response = await Client.SendAsync(request);
        return await StowReply.ReadAsync(response);
    }

    public async Task<List<InstanceState>> InstancesAsync(string study)
    {
        List<InstanceState> found = [];
        RetrieveScope scope = new(new StudyKey(new ProviderName("default"), new StudyInstanceUid(study)), null, null);
        await foreach (StoredInstance instance in Services.GetRequiredService<IManifestQuery>().RetrieveAsync(
            scope, StoredInstanceParts.None, CancellationToken.None))
        {
            found.Add(instance.State);
        }

        return found;
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

/// <summary>A reply to a store request, taken apart.</summary>
internal sealed record StowReply(int Status, string ContentType, string Body, TimeSpan? RetryAfter)
{
    private JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? RetrieveUrl => Json.TryGetProperty("00081190", out JsonElement url) ? url.GetProperty("Value")[0].GetString() : null;

    public int Stored => Items("00081199").Count;

    public IReadOnlyList<int> Warnings => [.. Items("00081199").Where(item => item.TryGetProperty("00081196", out _)).Select(
        item => item.GetProperty("00081196").GetProperty("Value")[0].GetInt32())];

    public IReadOnlyList<int> Failures => [.. Items("00081198").Select(Reason)];

    public IReadOnlyList<int> OtherFailures => [.. Items("0008119A").Select(Reason)];

    public bool Has(string tag) => Json.TryGetProperty(tag, out _);

    public IReadOnlyList<JsonElement> Items(string tag)
        => Json.TryGetProperty(tag, out JsonElement sequence) ? [.. sequence.GetProperty("Value").EnumerateArray()] : [];

    public static async Task<StowReply> ReadAsync(HttpResponseMessage response)
        => new(
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType ?? "",
            await response.Content.ReadAsStringAsync(),
            response.Headers.RetryAfter?.Delta);

    private static int Reason(JsonElement item) => item.GetProperty("00081197").GetProperty("Value")[0].GetInt32();
}
