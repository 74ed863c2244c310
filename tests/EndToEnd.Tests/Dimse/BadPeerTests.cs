using System.Text;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Tests.Peers;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>Peers that break the protocol, against the real process.</summary>
/// <remarks>It still serves others, its memory stays bounded, and nothing of them is left.</remarks>
public sealed class BadPeerTests : IAsyncLifetime
{
    private const string Called = "DICOM-INGEST";
    private const int SilentConnections = 1000;
    private const long MaxPeakKilobytes = 350 << 10;

    private readonly TemporaryFolder _folder = new();
    private Server _server = null!;

    public async Task InitializeAsync()
        => _server = await Server.StartAsync(_folder.Sub("data"), ["env", "IMAGING__DIMSE__ARTIMTIMEOUT=60s"]);

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_thousand_connections_that_say_nothing_keep_nobody_out()
    {
        List<ScriptedPeer> silent = [];
        try
        {
            for (int number = 0; number < SilentConnections; number++)
            {
                silent.Add(await ScriptedPeer.ConnectAsync(_server.DimsePort));
            }

            await ShouldStoreAsync("beside a thousand");
        }
        finally
        {
            silent.ForEach(peer => peer.Dispose());
        }

        ShouldHaveKeptItsMemory();
    }

    [Fact]
    [Trait(InACluster.Trait, InACluster.Value)]
    public async Task Peers_that_go_away_within_a_data_set_leave_nothing_behind()
    {
        TestInstance instance = new(
            "broken off") { SopClassUid = RawPdu.CtStorage, TransferSyntaxUid = Syntax.ImplicitLittle, PixelData = new byte[100_000] };
        byte[] most = instance.ToDataSet()[..90_000];
        for (int number = 0; number < 20; number++)
        {
            using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(_server.DimsePort, RawPdu.AssociateRequest(called: Called));
            await peer.SendAsync([.. RawPdu.Data(3, true, true, RawPdu.StoreCommand(1)), .. RawPdu.Data(3, false, false, most)]);
            if (number % 2 == 0)
            {
                await peer.SendAsync(RawPdu.Abort);
                await peer.ReadToEndAsync();
            }
            else
            {
                peer.Reset();
            }
        }

        await ShouldStoreAsync("after those");
        Assert.Empty(await _server.Client.SearchAsync($"instances?StudyInstanceUID={instance.StudyUid}"));
        Assert.Equal(1, await _server.Stores.CountInstancesAsync());
        Assert.Equal(0, await _server.StopAsync());
        Assert.Equal(0, await _server.Stores.CountUploadsAsync());
    }

    [Fact]
    public async Task A_pdu_that_says_it_has_4_GB_is_an_abort_and_takes_no_memory()
    {
        byte[] request = RawPdu.AssociateRequest(called: Called);
        byte[] hugeRequest = [1, 0, 0xFF, 0xFF, 0xFF, 0xFF, .. new byte[100]];
        byte[] hugeData = [4, 0, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF, 0xFF, 0xF0, 3, 1];
        for (int number = 0; number < 50; number++)
        {
            using ScriptedPeer first = await ScriptedPeer.ConnectAsync(_server.DimsePort);
            await first.SendAsync(hugeRequest);
            Assert.Equal(7, (await first.ReadAsync()).Type);
            using ScriptedPeer second = await ScriptedPeer.AssociateAsync(_server.DimsePort, request);
            await second.SendAsync(hugeData);
            Assert.Equal(7, (await second.ReadAsync()).Type);
        }

        await ShouldStoreAsync("after the huge ones");
        ShouldHaveKeptItsMemory();
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003 a TLS hello, more or less")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    public async Task Another_protocol_is_closed_without_an_answer(string said)
    {
        using ScriptedPeer peer = await ScriptedPeer.ConnectAsync(_server.DimsePort);
        await peer.SendAsync(Encoding.Latin1.GetBytes(said));

        Assert.Empty(await peer.ReadToEndAsync());
        await ShouldStoreAsync("after " + said.Length);
    }

    private async Task ShouldStoreAsync(string name)
    {
        TestInstance instance = new(name) { PixelData = new byte[1000] };
        await using DimseSender sender =
            await DimseSender.ConnectAsync(_server.DimsePort, [(instance.SopClassUid, instance.TransferSyntaxUid)]);
        CStoreResponse response =
            await sender.StoreAsync(instance.SopClassUid, instance.SopUid, instance.TransferSyntaxUid, instance.ToDataSet());
        Assert.Equal(DimseStatus.Success, response.Status);
        Assert.Single(await _server.Client.FindAsync(new StoredPath(instance.StudyUid, instance.SeriesUid, instance.SopUid)));
    }

    private void ShouldHaveKeptItsMemory() => Assert.InRange(_server.PeakKilobytes(), 1, MaxPeakKilobytes);
}
