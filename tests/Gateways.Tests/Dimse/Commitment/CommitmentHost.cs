using System.Net;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Gateways.Dimse.Commitment;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Tests.Wado;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Folder;
using ImagingIngestion.Storage.Sqlite;
using ImagingIngestion.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Tests.Dimse.Commitment;

/// <summary>
/// Storage commitment as SCP over real associations, a real folder store and a real SQLite manifest; what it logs is kept.
/// </summary>
internal sealed class CommitmentHost : IAsyncDisposable
{
    public static readonly AeTitle Title = new("INGEST");

    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("commitment-").FullName;
    private readonly CommitmentOptions _options;
    private readonly FakeLogCollector _log = new();
    private IHost? _host;
    private DimseServer? _server;
    private SqliteManifestStore? _manifest;
    private FolderObjectStore? _objects;
    private TestStudies? _studies;

    private CommitmentHost(CommitmentOptions options) => _options = options;

    /// <summary>The peers of the host.</summary>
    public List<DimsePeer> Peers { get; } = [];

    public int Port => _server!.Port;

    public ICommitmentQueue Queue => _manifest!.Commitments;

    /// <summary>No grace and short pauses, unless a test says otherwise.</summary>
    public static CommitmentOptions Quick { get; } = new()
    {
        Grace = TimeSpan.Zero,
        ReportDelay = TimeSpan.FromMilliseconds(50),
        RetryDelay = TimeSpan.FromMilliseconds(50)
    };

    public static async Task<CommitmentHost> StartAsync(CommitmentOptions? options = null, params CommitmentScu[] peers)
    {
        CommitmentHost host = new(options ?? Quick);
        host.Peers.AddRange(peers.Select(peer => PeerOf(peer.Title, peer.Port)));
        await host.StartAsync();
        return host;
    }

    public static DimsePeer PeerOf(AeTitle title, int port) => new() { AeTitle = title, Host = "127.0.0.1", Port = port };

    public async Task StartAsync()
    {
        _manifest = SqliteManifestStore.Open(Path.Combine(_folder, "manifest.db"), TimeProvider.System);
        _objects = FolderObjectStore.Open(Path.Combine(_folder, "objects"), TimeProvider.System);
        _studies = new TestStudies(new ProviderName("default"), _manifest, _objects, TimeProvider.System);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(new FakeLoggerProvider(_log));
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton(_manifest.Commitments)
            .AddSingleton(_manifest.Damaged)
            .AddSingleton<IManifestQuery>(_manifest)
            .AddSingleton<IObjectStore>(_objects)
            .AddSingleton(new DimsePeers(Peers))
            .AddSingleton(new AssociationOptions())
            .AddSingleton<AssociationRequestor>()
            .AddSingleton(Options.Create(_options))
            .AddStorageCommitment();
        _host = builder.Build();
        AssociationPolicy policy = new(
            Options.Create(new DimseOptions { AeTitle = Title.Value }), _host.Services.GetServices<SopClassOffer>(), new OpenAuthorizer());
        _server = new DimseServer(
            new DimseServerOptions { Address = IPAddress.Loopback, Port = 0 },
            policy,
            [.. _host.Services.GetServices<IDimseService>()],
            TimeProvider.System,
            _host.Services.GetRequiredService<ILogger<DimseServer>>());
        await _host.StartAsync();
        await _server.StartAsync(CancellationToken.None);
    }

    public async Task StopAsync()
    {
        await _server!.DisposeAsync();
        await _host!.StopAsync();
        _host.Dispose();
        await _manifest!.DisposeAsync();
        await _objects!.DisposeAsync();
    }

    /// <summary>Stores a CT image; returns its reference.</summary>
    public async Task<(string Class, string Instance)> StoreAsync(string? sop = null)
    {
        RetrieveInstance instance = new()
        {
            Study = CommitmentData.NewUid(), Series = CommitmentData.NewUid(), Sop = sop ?? CommitmentData.NewUid(),
            Syntax = TransferSyntax.ExplicitVRLittleEndian,
        };
        await _studies!.StoreAsync(instance);
        return (CommitmentData.CtImage, instance.Sop);
    }

    /// <summary>Cuts the object of the instance, as a failing disk would.</summary>
    public async Task DamageAsync(string sop)
    {
        await using FileStream file = File.OpenWrite(Path.Combine(_folder, "objects", (await FindAsync(sop)).Object.Value));
        file.SetLength(file.Length - 1);
    }

    public async Task LoseAsync(string sop) => await _objects!.DeleteAsync((await FindAsync(sop)).Object, CancellationToken.None);

    /// <summary>Flags the object of the instance as damaged.</summary>
    public async Task FlagAsync(string sop) => await _manifest!.Damaged.AddAsync([(await FindAsync(sop)).Object], CancellationToken.None);

    /// <summary>The instances with a flagged object.</summary>
    public async Task<IReadOnlyList<string>> FlaggedAsync(params string[] sops)
    {
        IReadOnlyList<InstanceState> found = await _manifest!.FindInstancesAsync(
            new ProviderName("default"), [.. sops.Select(sop => new SopInstanceUid(sop))], CancellationToken.None);
        return [.. found.Where(instance => instance.IsDamaged).Select(instance => instance.Id.Sop.Value)];
    }

    private async Task<InstanceState> FindAsync(string sop)
        => Assert.Single(
            await _manifest!.FindInstancesAsync(new ProviderName("default"), [new SopInstanceUid(sop)], CancellationToken.None));

    /// <summary>Waits until something was logged so many times under this number; returns the first of these messages.</summary>
    public async Task<string> LoggedAsync(int id, int times = 1)
    {
        List<string> messages = [];
        await _log.UntilAsync(
            record =>
            {
                if (record.Id.Id == id)
                {
                    messages.Add(record.Message);
                }

                return messages.Count == times;
            },
            TestTimeout);
        return messages[0];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
