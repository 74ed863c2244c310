using System.Net;
using ImagingIngestion.Grains;
using ImagingIngestion.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Gateways.Tests;

/// <summary>QIDO-RS and WADO-RS on a real Kestrel, over a real folder store and SQLite manifest.</summary>
public sealed class RetrieveHost : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("retrieve-").FullName;
    private WebApplication? _app;
    private SqliteManifestStore? _manifest;
    private FolderObjectStore? _objects;

    internal TestStudies Studies { get; private set; } = null!;

    internal HttpClient Client { get; private set; } = null!;

    internal QidoOptions Qido { get; init; } = new();

    internal string BaseUrl { get; private set; } = "";

    public async Task InitializeAsync()
    {
        _manifest = SqliteManifestStore.Open(Path.Combine(_folder, "manifest.db"), TimeProvider.System);
        _objects = FolderObjectStore.Open(Path.Combine(_folder, "objects"), TimeProvider.System);
        var provider = new ProviderName("default");
        Studies = new TestStudies(provider, _manifest, _objects, TimeProvider.System);

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        var services = new RetrieveServices { Web = new DicomWebOptions { Provider = provider }, Manifest = _manifest, Objects = _objects, Logger = NullLogger.Instance, Headers = new HeaderBudget(new IngestLimits()), Qido = Qido };
        foreach (string root in (string[])["/wado-rs", "/dicom-web"])
        {
            _app.MapQido(root, services);
            _app.MapWado(root, services);
        }

        await _app.StartAsync();
        BaseUrl = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Client = new HttpClient { BaseAddress = new Uri(BaseUrl) };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _app!.DisposeAsync();
        await _manifest!.DisposeAsync();
        await _objects!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Cuts the object that was written last, as a failing disk would.</summary>
    internal async Task TruncateNewestObjectAsync(int length)
    {
        string path = Directory.EnumerateFiles(Path.Combine(_folder, "objects"), "*.dcm", SearchOption.AllDirectories).MaxBy(file => File.GetLastWriteTimeUtc(file))!;
        byte[] bytes = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, bytes[..length]);
    }

    internal async Task<HttpResponseMessage> GetAsync(string path, string? accept = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request);
    }
}
