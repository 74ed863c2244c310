using System.Net;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Gateways.Dimse.Find;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Tests.Wado;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Folder;
using ImagingIngestion.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Tests.Dimse.Find;

/// <summary>Query as SCP over real associations and a real SQLite manifest.</summary>
internal sealed class FindHost : IAsyncDisposable
{
    public static readonly AeTitle Title = new("INGEST");

    private static readonly ProviderName Provider = new("default");

    private readonly string _folder = Directory.CreateTempSubdirectory("find-").FullName;
    private readonly SqliteManifestStore _manifest;
    private readonly FolderObjectStore _objects;
    private readonly TestStudies _studies;
    private ServiceProvider? _services;
    private DimseServer? _server;

    private FindHost()
    {
        _manifest = SqliteManifestStore.Open(Path.Combine(_folder, "manifest.db"), TimeProvider.System);
        _objects = FolderObjectStore.Open(Path.Combine(_folder, "objects"), TimeProvider.System);
        _studies = new TestStudies(Provider, _manifest, _objects, TimeProvider.System);
    }

    public int Port => _server!.Port;

    /// <param name="wrap">Wraps the manifest of the service; null for no wrapper.</param>
    public static async Task<FindHost> StartAsync(Func<IManifestQuery, IManifestQuery>? wrap = null)
    {
        FindHost host = new();
        IOptions<DimseOptions> options = Options.Create(new DimseOptions { AeTitle = Title.Value });
        host._services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(wrap?.Invoke(host._manifest) ?? host._manifest)
            .AddSingleton(new ServedSpace(Provider))
            .AddSingleton(options)
            .AddDimseFind()
            .BuildServiceProvider();
        host._server = new DimseServer(
            new DimseServerOptions { Address = IPAddress.Loopback, Port = 0 },
            new AssociationPolicy(options, host._services.GetServices<SopClassOffer>(), new OpenAuthorizer()),
            [.. host._services.GetServices<IDimseService>()],
            TimeProvider.System,
            NullLogger<DimseServer>.Instance);
        await host._server.StartAsync(CancellationToken.None);
        return host;
    }

    public async Task StoreAsync(params RetrieveInstance[] instances)
    {
        foreach (RetrieveInstance instance in instances)
        {
            await _studies.StoreAsync(instance);
        }
    }

    public Task<FindScu> AssociateAsync(
        string model = FindScu.StudyRoot, string syntax = TestData.Syntax.ExplicitLittle, byte[]? negotiation = null)
        => FindScu.AssociateAsync(Port, model, syntax, negotiation);

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        await _services!.DisposeAsync();
        await _manifest.DisposeAsync();
        await _objects.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
