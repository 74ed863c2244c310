using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Gateways.Admin;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Tests.Admin;

/// <summary>The resources of bindings on a real Kestrel with the SQLite store, where the binding <c>archive</c> is declared.</summary>
internal sealed class BindingServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder;
    private int _uids;

    private BindingServer(WebApplication app, DirectoryInfo folder)
    {
        _app = app;
        _folder = folder;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public IDeliveryQueue Queue => _app.Services.GetRequiredService<IDeliveryQueue>();

    public static async Task<BindingServer> StartAsync()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("binding-routes-");
        ImagingOptions options = new()
        {
            Storage = new StorageOptions { ObjectsFolder = Path.Combine(folder.FullName, "objects"), ManifestFile = Path.Combine(folder.FullName, "manifest.db") },
            Bindings = [new BindingOptions { Name = "archive" }],
        };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddObjectStore(options.Storage)
            .AddManifestStore(options.Storage)
            .AddGrains(options.Grains, options.Ingest.DuplicatePolicy)
            .AddDicomWebGateway(options);
        WebApplication app = builder.Build();
        app.MapBindings(options.Bindings);
        await app.StartAsync();
        return new BindingServer(app, folder);
    }

    /// <summary>Makes a binding with dead letters; answers their ids.</summary>
    public async Task<long[]> AddBindingAsync(string name, int deadLetters, string error = "The target refused it with 400.")
    {
        BindingDefinition definition = new() { Name = name, Kind = "stow", Types = [EventType.DicomAvailable] };
        await Queue.RegisterAsync(definition, CancellationToken.None);
        if (deadLetters == 0)
        {
            return [];
        }

        StudyKey study = new(new ProviderName("default"), new StudyInstanceUid(NewUid()));
        EventDraft[] events = [.. Enumerable.Range(0, deadLetters).Select(_ => new EventDraft
        {
            Type = EventType.DicomAvailable,
            Instance = new InstanceId(new SeriesInstanceUid(NewUid()), new SopInstanceUid(NewUid())),
            Change = ChangeKind.Modification,
            Object = new ObjectKey("test/object.dcm"),
        })];
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        StudyState after = new() { Key = study, Version = 0, Attributes = new DicomDataset(), Series = [], CreatedAt = now, UpdatedAt = now };
        await _app.Services.GetRequiredService<IManifestStore>().CommitAsync([new StudyChange { After = after, Events = events }], CancellationToken.None);
        Assert.False((await Queue.FanOutAsync(definition, 1000, CancellationToken.None)).HasMore);
        DeliveryClaim claim = await Queue.ClaimAsync(name, "test", TimeSpan.FromMinutes(1), deadLetters, CancellationToken.None);
        Assert.Equal(deadLetters, claim.Deliveries.Count);
        await Queue.SettleAsync([.. claim.Deliveries.Select(delivery => new DeliverySettlement(delivery, DeliveryOutcome.DeadLetter, default, error))], CancellationToken.None);
        return [.. claim.Deliveries.Select(delivery => delivery.Id).Order()];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string NewUid() => $"1.2.826.0.1.66.{++_uids}";
}
