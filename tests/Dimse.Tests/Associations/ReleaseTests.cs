using System.Net.Sockets;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Tests.Peers;

namespace ImagingIngestion.Dimse.Tests.Associations;

/// <summary>How associations end.</summary>
public sealed class ReleaseTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task C_ECHO_is_answered_and_the_association_released()
    {
        await using TestServer server = await TestServer.StartAsync();

        await server.EchoAsync();
    }

    [Fact]
    public async Task A_release_is_answered_after_the_operations_that_run()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedService<CFindRequest> find = new(async (operation, cancellationToken) =>
        {
            await go.Task.WaitAsync(Timeout, cancellationToken);
            await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Success }, null, cancellationToken);
        });
        await using TestServer server = await TestServer.StartAsync(find);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);

        await peer.SendAsync([.. RawPdu.Find(1), .. RawPdu.ReleaseRequest]);
        go.SetResult();

        Assert.Equal(0, await peer.ReadStatusAsync());
        Assert.Equal(6, (await peer.ReadAsync()).Type);
        peer.StopSending();
        Assert.Empty(await peer.ReadToEndAsync());
    }

    [Fact]
    public async Task A_collision_at_the_requestor_is_answered_and_released()
    {
        (Socket listener, int port) = ScriptedPeer.Listen();
        using Socket owned = listener;
        Task<Association> opening = TestRequest.OpenAsync(port);
        using ScriptedPeer peer = await ScriptedPeer.AcceptAsync(listener);
        Assert.Equal(1, (await peer.ReadAsync()).Type);
        await peer.SendAsync(RawPdu.AssociateAccept(1, 3, 5));
        await using Association association = await opening;

        Task releasing = association.ReleaseAsync(CancellationToken.None);
        Assert.Equal(5, (await peer.ReadAsync()).Type);
        await peer.SendAsync(RawPdu.ReleaseRequest);
        Assert.Equal(6, (await peer.ReadAsync()).Type);
        Assert.False(releasing.IsCompleted);
        await peer.SendAsync(RawPdu.ReleaseResponse);

        await releasing.WaitAsync(Timeout);
        Assert.Equal(0, (await peer.ReadAsync()).Type);
        Assert.False(association.IsOpen);
    }

    [Fact]
    public async Task A_collision_at_the_acceptor_is_answered_after_its_own_release()
    {
        TaskCompletionSource<Task> releasing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedService<CFindRequest> find = new(async (operation, cancellationToken) =>
        {
            await operation.DataSet!.ReadAllAsync(cancellationToken);
            await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Success }, null, cancellationToken);
            releasing.SetResult(operation.Association.ReleaseAsync(CancellationToken.None));
        });
        await using TestServer server = await TestServer.StartAsync(find);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);

        await peer.SendAsync(RawPdu.Find(1));
        Assert.Equal(0, await peer.ReadStatusAsync());
        Assert.Equal(5, (await peer.ReadAsync()).Type);
        await peer.SendAsync(RawPdu.ReleaseRequest);
        await peer.SendAsync(RawPdu.ReleaseResponse);

        Assert.Equal(6, (await peer.ReadAsync()).Type);
        await (await releasing.Task.WaitAsync(Timeout)).WaitAsync(Timeout);
    }

    [Fact]
    public async Task A_release_waits_for_operations_of_this_side()
    {
        (Socket listener, int port) = ScriptedPeer.Listen();
        using Socket owned = listener;
        Task<Association> opening = TestRequest.OpenAsync(port);
        using ScriptedPeer peer = await ScriptedPeer.AcceptAsync(listener);
        await peer.ReadAsync();
        await peer.SendAsync(RawPdu.AssociateAccept(1));
        await using Association association = await opening;
        Task<DimseStatus> echo = association.EchoAsync();
        byte[] request = await peer.ReadCommandAsync();

        Task releasing = association.ReleaseAsync(CancellationToken.None);
        await Assert.ThrowsAsync<AssociationException>(association.EchoAsync);
        await peer.SendAsync(
            RawPdu.Data(1, true, true, RawPdu.Response(RawPdu.Verification, 0x8030, (ushort)RawPdu.Read(request, 0x0110), 0)));

        Assert.Equal(5, (await peer.ReadAsync()).Type);
        Assert.Equal(DimseStatus.Success, await echo.WaitAsync(Timeout));
        await peer.SendAsync(RawPdu.ReleaseResponse);
        await releasing.WaitAsync(Timeout);
    }

    [Theory]
    [InlineData(false, AssociationFault.ConnectionLost)]
    [InlineData(true, AssociationFault.AbortedByPeer)]
    public async Task An_association_that_ends_otherwise_fails_whoever_waits(bool isAborted, AssociationFault fault)
    {
        (Socket listener, int port) = ScriptedPeer.Listen();
        using Socket owned = listener;
        Task<Association> opening = TestRequest.OpenAsync(port);
        using ScriptedPeer peer = await ScriptedPeer.AcceptAsync(listener);
        await peer.ReadAsync();
        await peer.SendAsync(RawPdu.AssociateAccept(1, 3));
        await using Association association = await opening;
        Task<DimseStatus> echo = association.EchoAsync();
        await peer.ReadCommandAsync();
        Task<DimseStatus> waiting = association.EchoAsync();
        Task releasing = association.ReleaseAsync(CancellationToken.None);

        if (isAborted)
        {
            await peer.SendAsync(RawPdu.Abort);
        }

        peer.StopSending();

        Assert.Equal(fault, (await Assert.ThrowsAsync<AssociationException>(() => echo).WaitAsync(Timeout)).Fault);
        await Assert.ThrowsAsync<AssociationException>(() => waiting).WaitAsync(Timeout);
        Assert.Equal(fault, (await Assert.ThrowsAsync<AssociationException>(() => releasing).WaitAsync(Timeout)).Fault);
        Assert.True(association.Ended.IsCancellationRequested || !association.IsOpen);
    }

    [Fact]
    public async Task A_data_set_that_cannot_be_written_to_its_end_aborts()
    {
        StoreService store = new();
        await using TestServer server = await TestServer.StartAsync(store);
        await using Association association = await TestRequest.OpenAsync(server.Port);

        await Assert.ThrowsAsync<InvalidDataException>(() => association.InvokeStoreAsync("1.2", async (stream, token) =>
        {
            await stream.WriteAsync(new byte[600_000], token);
            throw new InvalidDataException("broken");
        }));

        Assert.False(association.IsOpen);
        Assert.Empty(store.Stored);
    }

    [Fact]
    public async Task Cancelling_a_request_in_mid_data_set_aborts()
    {
        StoreService store = new();
        await using TestServer server = await TestServer.StartAsync(store);
        await using Association association = await TestRequest.OpenAsync(server.Port);
        using CancellationTokenSource cancel = new();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => association.InvokeStoreAsync("1.2", async (stream, token) =>
        {
            await stream.WriteAsync(new byte[600_000], token);
            await cancel.CancelAsync();
            token.ThrowIfCancellationRequested();
        }, cancel.Token));

        Assert.False(association.IsOpen);
        Assert.Empty(store.Stored);
    }

    [Fact]
    public async Task Disposing_an_open_association_aborts_it()
    {
        (Socket listener, int port) = ScriptedPeer.Listen();
        using Socket owned = listener;
        Task<Association> opening = TestRequest.OpenAsync(port);
        using ScriptedPeer peer = await ScriptedPeer.AcceptAsync(listener);
        await peer.ReadAsync();
        await peer.SendAsync(RawPdu.AssociateAccept(1));
        Association association = await opening;

        await association.DisposeAsync();

        Assert.Equal(7, (await peer.ReadAsync()).Type);
        await association.AbortAsync(CancellationToken.None);
    }
}
