using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Tests.Peers;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Tests.Associations;

/// <summary>The server aborts associations whose peer breaks the protocol or disappears, and other associations go on.</summary>
public sealed class BadPeerTests
{
    private static readonly byte[] EchoCommand = RawPdu.Command(RawPdu.Verification, 0x0030, 1, RawPdu.NoDataSet);

    public static TheoryData<string, byte[]> Breaches { get; } = new()
    {
        { "P-DATA-TF of 4 GB", [4, 0, 255, 255, 255, 255, 1, 2, 3] },
        { "P-DATA-TF longer than the negotiated maximum", [4, 0, 0, 4, 0, 1, 0, 0, 0, 2, 1, 3] },
        { "A-ASSOCIATE-RQ of 2 GB", [1, 0, 127, 255, 255, 255] },
        { "a PDU of an unknown type", [9, 0, 0, 0, 0, 4, 0, 0, 0, 0] },
        { "a value that is longer than its PDU", RawPdu.Pdu(4, [0, 0, 1, 0, 1, 3, 0, 0]) },
        { "a value without context ID", RawPdu.Pdu(4, [0, 0, 0, 1, 1, 3, 0, 0]) },
        { "a PDU without a value", RawPdu.Pdu(4, []) },
        { "bytes after the last value", RawPdu.Pdu(4, [.. RawPdu.Value(1, true, true, EchoCommand), 0, 0, 0]) },
        { "a data set before its command", RawPdu.Data(3, false, true, new byte[10]) },
        { "a context that was not negotiated", RawPdu.Echo(1, 77) },
        { "a command set that cannot be read", RawPdu.Data(1, true, true, [1, 2, 3]) },
        { "an empty command set", RawPdu.Data(1, true, true, []) },
        { "a command in the middle of a data set", [
            .. RawPdu.Data(3, true, true, RawPdu.StoreCommand(1)),
            .. RawPdu.Data(3, false, false, new byte[10]),
            .. RawPdu.Echo(2)
        ] },
        { "a data set on another context", [
            .. RawPdu.Data(3, true, true, RawPdu.StoreCommand(1)),
            .. RawPdu.Data(5, false, true, new byte[10])
        ] },
        { "two command sets mixed", [
            .. RawPdu.Data(1, true, false, EchoCommand[..20]),
            .. RawPdu.Data(3, true, true, EchoCommand[20..])
        ] },
        { "a second association request", RawPdu.AssociateRequest() },
        { "a release response without a request", RawPdu.ReleaseResponse },
    };

    [Theory]
    [MemberData(nameof(Breaches))]
    public async Task A_breach_of_the_protocol_is_aborted(string what, byte[] bytes)
    {
        StoreService store = new();
        await using TestServer server = await TestServer.StartAsync(store);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);

        await peer.SendAsync(bytes);

        (byte type, byte[] body) = await peer.ReadAsync();
        Assert.True(type == 7, what);
        Assert.Equal(2, body[2]);
        Assert.Empty(store.Stored);
        await server.EchoAsync();
        Assert.DoesNotContain(server.Log.Collector.GetSnapshot(), entry => entry.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task A_command_set_without_end_is_aborted_at_its_cap()
    {
        await using TestServer server = await TestServer.StartAsync();
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);

        for (int i = 0; i < 5; i++)
        {
            await peer.SendAsync(RawPdu.Data(1, true, false, new byte[16000]));
        }

        Assert.Equal(7, (await peer.ReadAsync()).Type);
    }

    [Fact]
    public async Task Data_before_an_association_is_aborted()
    {
        await using TestServer server = await TestServer.StartAsync();
        using ScriptedPeer peer = await ScriptedPeer.ConnectAsync(server.Port);

        await peer.SendAsync(RawPdu.Echo(1));

        Assert.Equal(7, (await peer.ReadAsync()).Type);
    }

    [Fact]
    public async Task Messages_may_come_in_any_pieces()
    {
        StoreService store = new();
        await using TestServer server = await TestServer.StartAsync(store);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);
        byte[] command = RawPdu.StoreCommand(1);

        await peer.SendAsync(RawPdu.Data(3, true, false, command[..7]));
        await peer.SendAsync(RawPdu.Data(3, true, false, []));
        await peer.SendAsync(RawPdu.Pdu(4, [
            .. RawPdu.Value(3, true, false, command[7..30]),
            .. RawPdu.Value(3, true, true, command[30..]),
            .. RawPdu.Value(3, false, false, new byte[100])
        ]));
        await peer.SendAsync(RawPdu.Pdu(4, [.. RawPdu.Value(3, false, false, []), .. RawPdu.Value(3, false, false, new byte[23])]));
        foreach (byte one in RawPdu.Data(3, false, true, [1]))
        {
            await peer.SendAsync([one]);
        }

        Assert.Equal(0, await peer.ReadStatusAsync());
        Assert.Equal(124, Assert.Single(store.Stored.Values).Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_ends_in_mid_data_set_is_never_success(bool isReset)
    {
        StoreService store = new();
        TaskCompletionSource<Exception> seen = new();
        ScriptedService<CStoreRequest> watched = new(async (operation, cancellationToken) =>
        {
            try
            {
                await store.PerformAsync(operation, cancellationToken);
                seen.TrySetException(new InvalidOperationException("It was stored."));
            }
            catch (Exception exception)
            {
                seen.TrySetResult(exception);
                throw;
            }
        });
        await using TestServer server = await TestServer.StartAsync(watched);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);
        await peer.SendAsync([
            .. RawPdu.Data(3, true, true, RawPdu.StoreCommand(1)),
            .. RawPdu.Data(3, false, false, new byte[10_000]),
            .. RawPdu.Data(3, false, true, new byte[10_000])[..100]
        ]);
        if (isReset)
        {
            peer.Reset();
        }
        else
        {
            peer.StopSending();
        }

        AssociationException exception = Assert.IsType<AssociationException>(await seen.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(AssociationFault.ConnectionLost, exception.Fault);
        Assert.Empty(store.Stored);
        await server.EchoAsync();
    }

    [Fact]
    public async Task An_abort_between_two_fragments_reaches_the_service()
    {
        TaskCompletionSource<Exception> seen = new();
        ScriptedService<CStoreRequest> service = new(async (operation, cancellationToken) =>
        {
            try
            {
                while (!(await operation.DataSet!.ReadAsync(cancellationToken)).IsEmpty)
                {
                }
            }
            catch (Exception exception)
            {
                seen.TrySetResult(exception);
                throw;
            }
        });
        await using TestServer server = await TestServer.StartAsync(service);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);

        await peer.SendAsync(
            [.. RawPdu.Data(3, true, true, RawPdu.StoreCommand(1)), .. RawPdu.Data(3, false, false, new byte[10_000]), .. RawPdu.Abort]);

        AssociationException exception = Assert.IsType<AssociationException>(await seen.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(AssociationFault.AbortedByPeer, exception.Fault);
        Assert.Empty(await peer.ReadToEndAsync());
    }
}
