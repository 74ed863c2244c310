using System.Net.Http.Headers;
using System.Text.Json;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Tests.Http;
using ImagingIngestion.Grains.Revisions;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Hosting;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Tests.Stow;

/// <summary>The all-in-one process as the executable composes it, in a folder and on ports of its own.</summary>
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
        Action<IServiceCollection>? change = null, IngestOptions? ingest = null, Action<IServiceCollection>? replace = null)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("gateway-test-");
        ingest ??= new IngestOptions();
        ProcessSettings settings = GivenSettings.Of(folder.FullName);
        RoleOptions roles = settings.Get<RoleOptions>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(Options.Create(ingest));
        change?.Invoke(builder.Services);
        builder.AddProcess(settings, (services, _) => services.AddGrains(ingest.DuplicatePolicy).AddRevisions());
        replace?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        if (replace is null)
        {
            // A store that a test puts in may fail, so the process marks none.
            await app.OpenStoresAsync(roles, CancellationToken.None);
        }

        app.MapGateways(roles);
        await app.StartAsync();
        return new GatewayServer(app, folder);
    }

    /// <summary>Returns the ingest of this server over a store or grains that misbehave.</summary>
    public InstanceIngest Ingest(IObjectStore objects, IGrainFactory grains)
    {
        IngestLimits limits = new();
        InstanceCommit commit = new(
            objects,
            grains,
            new ContentComparer(objects, limits.Reader),
            Services.GetRequiredService<DamageReports>(),
            TimeProvider.System,
            NullLogger<InstanceCommit>.Instance);
        return new InstanceIngest(
            objects, commit, limits, new HeaderBudget(limits), TimeProvider.System, NullLogger<InstanceIngest>.Instance);
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
