using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Dimse.Tests.Peers;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Dimse.Tests.Scu;

/// <summary>Runs the SCUs against DCMTK's dcmqrscp.</summary>
public sealed class DcmqrscpTests : IAsyncLifetime
{
    private const string Find = "1.2.840.10008.5.1.4.1.2.2.1";
    private const string Move = "1.2.840.10008.5.1.4.1.2.2.2";
    private const string Get = "1.2.840.10008.5.1.4.1.2.2.3";

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("dcmqrscp-").FullName;
    private readonly StoreService _arrived = new();
    private readonly TestInstance _instance = new("dcmqrscp") { TransferSyntaxUid = Syntax.ImplicitLittle, PixelData = new byte[16] };
    private readonly int _port = FreePort();
    private TestServer? _destination;
    private Process? _process;

    public async Task InitializeAsync()
    {
        if (Tools.SkipReason(Tools.Dcmtk) is not null)
        {
            return;
        }

        _destination = await TestServer.StartAsync(_arrived);
        Directory.CreateDirectory(Path.Combine(_folder, "db"));
        string configuration = Path.Combine(_folder, "dcmqrscp.cfg");
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $"""
            NetworkTCPPort = {_port}
            MaxPDUSize = 16384
            MaxAssociations = 16
            HostTable BEGIN
            ours = (TEST-SCU, 127.0.0.1, {_destination.Port})
            HostTable END
            VendorTable BEGIN
            VendorTable END
            AETable BEGIN
            QR {Path.Combine(_folder, "db")} RW (200, 1024mb) ANY
            AETable END

            """));
        _process = Process.Start(new ProcessStartInfo("dcmqrscp", ["-c", configuration]) { WorkingDirectory = _folder })!;
        await WaitUntilListeningAsync();
    }

    public async Task DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        if (_destination is not null)
        {
            await _destination.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [ToolFact(Tools.Dcmtk)]
    public async Task It_is_stored_to_asked_moved_from_and_got_from()
    {
        StoreService got = new();
        await using Association association = await RequestAsync(got);
        CStoreResponse stored = await StorageScu.StoreAsync(
            association, association.ScuContext(_instance.SopClassUid), _instance.SopUid,
            async (stream, token) => await stream.WriteAsync(_instance.ToDataSet(), token), CancellationToken.None);
        byte[] identifier = new DataSetBuilder().Text(0x00080052, "CS", "STUDY")
            .Text(Tag.PatientId, "LO", "")
            .Text(Tag.StudyInstanceUid, "UI", _instance.StudyUid)
            .Encode(Wire.ImplicitLittle);
        byte[] unique = new DataSetBuilder().Text(0x00080052, "CS", "STUDY").Text(Tag.StudyInstanceUid, "UI", _instance.StudyUid).Encode(
            Wire.ImplicitLittle);

        List<DimseReply> found = await AllAsync(FindScu.FindAsync(association, Find, identifier, CancellationToken.None));
        List<RetrieveReport> moved =
            await AllAsync(MoveScu.MoveAsync(association, Move, new AeTitle("TEST-SCU"), unique, CancellationToken.None));
        List<RetrieveReport> fetched = await AllAsync(GetScu.GetAsync(association, Get, unique, CancellationToken.None));
        await association.ReleaseAsync(CancellationToken.None);

        Assert.True(stored.Status.IsSuccess);
        Assert.Equal([true, false], found.Select(reply => reply.Response.Status.IsPending));
        Assert.Contains(_instance.PatientId, Encoding.ASCII.GetString(found[0].DataSet.Span), StringComparison.Ordinal);
        Assert.Equal((DimseStatus.Success, (ushort)1), (moved[^1].Status, moved[^1].SubOperations!.Completed));
        Assert.Equal([_instance.SopUid], _arrived.Stored.Keys);
        Assert.Equal(DimseStatus.Success, fetched[^1].Status);
        Assert.Equal([_instance.SopUid], got.Stored.Keys);
    }

    private static async Task<List<T>> AllAsync<T>(IAsyncEnumerable<T> items)
    {
        List<T> all = [];
        await foreach (T item in items)
        {
            all.Add(item);
        }

        return all;
    }

    private static int FreePort()
    {
        (Socket listener, int port) = ScriptedPeer.Listen();
        listener.Dispose();
        return port;
    }

    private Task<Association> RequestAsync(StoreService got)
    {
        AssociationRequest request = new()
        {
            CallingAeTitle = new AeTitle("TEST-SCU"),
            CalledAeTitle = new AeTitle("QR"),
            PresentationContexts = [.. new[] { _instance.SopClassUid, Find, Move, Get }.Select(
                (sopClass, index) => new ProposedContext((byte)((index * 2) + 1), sopClass, [Syntax.ImplicitLittle]))],
            Roles = [new RoleSelection(_instance.SopClassUid, IsScu: true, IsScp: true)],
            Services = [got],
        };
        AssociationRequestor requestor = new(new AssociationOptions(), TimeProvider.System, NullLogger<AssociationRequestor>.Instance);
        return requestor.RequestAsync(
            new DimsePeer { AeTitle = new AeTitle("QR"), Host = "127.0.0.1", Port = _port }, request, CancellationToken.None);
    }

    private async Task WaitUntilListeningAsync()
    {
        using CancellationTokenSource deadline = new(Timeout);
        using PeriodicTimer timer = new(Step);
        while (true)
        {
            try
            {
                using ScriptedPeer peer = await ScriptedPeer.ConnectAsync(_port);
                return;
            }
            catch (SocketException)
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
        }
    }
}
