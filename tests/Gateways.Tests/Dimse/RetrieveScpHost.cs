using System.Net;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Dimse.Retrieve;
using ImagingIngestion.Gateways.Dimse.Store;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Tests.Wado;
using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Folder;
using ImagingIngestion.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Tests.Dimse;

/// <summary>C-GET and C-MOVE on a real DIMSE server over a real folder store and SQLite manifest, with a receiving peer.</summary>
internal sealed class RetrieveScpHost : IAsyncDisposable
{
    public const string Class = "1.2.840.10008.5.1.4.1.1.2";
    public const string Destination = "DESTINATION";

    private static readonly AeTitle Caller = new("WORKSTATION");
    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("retrieve-scp-").FullName;
    private readonly SqliteManifestStore _manifest;
    private readonly FolderObjectStore _objects;
    private readonly AssociationRequestor _requestor = new(
        new AssociationOptions(), TimeProvider.System, NullLogger<AssociationRequestor>.Instance);
    private readonly DimseServer _destination;
    private readonly DimseServer _server;

    private RetrieveScpHost(string[] accepted, int moveAssociations, int? destinationPort)
    {
        _manifest = SqliteManifestStore.Open(Path.Combine(_folder, "manifest.db"), TimeProvider.System);
        _objects = FolderObjectStore.Open(Path.Combine(_folder, "objects"), TimeProvider.System);
        Studies = new TestStudies(new ProviderName("default"), _manifest, _objects, TimeProvider.System);
        SopClassOffer storage = new()
        {
            Covers = uid => uid == Class,
            ChooseTransferSyntax = proposed => proposed.FirstOrDefault(accepted.Contains),
            AllowsRequestorAsScp = true
        };
        _destination = Serve(new DimseOptions { AeTitle = Destination }, [storage], Receiver);
        Accepted = accepted;

        DamageReports reports = new(_manifest.Damaged, NullLogger<DamageReports>.Instance);
        VerifiedObjects verified = new(_objects, reports, NullLogger<VerifiedObjects>.Instance);
        ServedSpace space = new(new ProviderName("default"));
        DimseOptions options = new() { Limits = new DimseLimitOptions { MoveAssociations = moveAssociations } };
        RetrievePreparation preparation = new(new RetrieveSelection(_manifest, space), NullLogger<RetrievePreparation>.Instance);
        StoredInstanceSender sender = new(
            _manifest, verified, new HeaderBudget(new IngestLimits()), new WadoOptions(), space, Options.Create(new IngestOptions()),
            TimeProvider.System,
            NullLogger<StoredInstanceSender>.Instance);
        DimsePeers peers = new(
            [new DimsePeer { AeTitle = new AeTitle(Destination), Host = "127.0.0.1", Port = destinationPort ?? _destination.Port }]);
        _server = Serve(options, [RetrieveModels.Offer, StorageOffer.Create(options)], new CGetScp(preparation, sender),
            new CMoveScp(preparation, sender, peers, _requestor, Options.Create(options), NullLogger<CMoveScp>.Instance));
    }

    public TestStudies Studies { get; }

    /// <summary>The receiver of the instances: the workstation itself for C-GET, the destination for C-MOVE.</summary>
    public StoreReceiver Receiver { get; } = new();

    private string[] Accepted { get; }

    /// <param name="accepted">Transfer syntaxes that the receiver accepts; Explicit VR Little Endian by default.</param>
    /// <param name="moveAssociations">The parallel associations to the destination.</param>
    /// <param name="destinationPort">Null for the real port of the destination.</param>
    public static RetrieveScpHost Start(string[]? accepted = null, int moveAssociations = 1, int? destinationPort = null)
        => new(accepted ?? [TransferSyntax.ExplicitVRLittleEndian.Uid], moveAssociations, destinationPort);

    public string ObjectOf(int number) => Path.Combine(_folder, "objects", "test", $"{number}.dcm");

    /// <summary>Opens an association of a workstation.</summary>
    public async Task<Association> ConnectAsync(string model)
    {
        DimsePeer peer = new() { AeTitle = new AeTitle("DICOM-INGEST"), Host = "127.0.0.1", Port = _server.Port };
        AssociationRequest request = new()
        {
            CallingAeTitle = Caller,
            CalledAeTitle = peer.AeTitle,
            PresentationContexts =
            [
                new ProposedContext(1, model, [TransferSyntax.ExplicitVRLittleEndian.Uid]),
                .. Accepted.Select((syntax, index) => new ProposedContext((byte)((2 * index) + 3), Class, [syntax])),
            ],
            Roles = [new RoleSelection(Class, IsScu: false, IsScp: true)],
            Services = [Receiver],
        };
        return await _requestor.RequestAsync(peer, request, CancellationToken.None).WaitAsync(TestTimeout);
    }

    public Task<List<RetrieveReport>> GetAsync(params (DicomTag Tag, string Value)[] keys) => GetAsync(RetrieveModels.StudyRootGet, keys);

    public async Task<List<RetrieveReport>> GetAsync(string model, params (DicomTag Tag, string Value)[] keys)
    {
        await using Association association = await ConnectAsync(model);
        return await GetScu.GetAsync(association, model, Identifier(keys), CancellationToken.None).ToListAsync().AsTask().WaitAsync(
            TestTimeout);
    }

    public async Task<List<RetrieveReport>> MoveAsync(string destination, params (DicomTag Tag, string Value)[] keys)
    {
        await using Association association = await ConnectAsync(RetrieveModels.StudyRootMove);
        return await MoveScu
            .MoveAsync(association, RetrieveModels.StudyRootMove, new AeTitle(destination), Identifier(keys), CancellationToken.None)
            .ToListAsync()
            .AsTask()
            .WaitAsync(TestTimeout);
    }

    public static byte[] Identifier(params (DicomTag Tag, string Value)[] keys)
    {
        DataSetEncoder encoder = new(TransferSyntax.ExplicitVRLittleEndian);
        foreach ((DicomTag tag, string value) in keys.OrderBy(key => key.Tag.Group).ThenBy(key => key.Tag.Element))
        {
            encoder.Text(tag, tag == DicomTag.QueryRetrieveLevel ? DicomVR.CS : tag == DicomTag.PatientID ? DicomVR.LO : DicomVR.UI, value);
        }

        return encoder.ToBytes();
    }

    /// <summary>The instances whose objects are flagged as damaged.</summary>
    public async Task<IReadOnlyList<string>> FlaggedAsync()
    {
        IReadOnlyList<InstanceState> stored = await _manifest!.FindInstancesAsync(
            new ProviderName("default"),
            [.. Enumerable.Range(1, 10).Select(number => new SopInstanceUid($"1.2.3.1.{number}"))],
            CancellationToken.None);
        return [.. stored.Where(instance => instance.IsDamaged).Select(instance => instance.Id.Sop.Value)];
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _destination.DisposeAsync();
        await _manifest.DisposeAsync();
        await _objects.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static DimseServer Serve(DimseOptions options, SopClassOffer[] offers, params IDimseService[] services)
    {
        DimseServer server = new(
            new DimseServerOptions { Address = IPAddress.Loopback, Port = 0 },
            new AssociationPolicy(Options.Create(options), offers, new OpenAuthorizer()),
            services,
            TimeProvider.System,
            NullLogger<DimseServer>.Instance);
        Assert.True(server.StartAsync(CancellationToken.None).IsCompletedSuccessfully);
        return server;
    }
}
