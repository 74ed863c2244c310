using System.Net.Sockets;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Dimse.Tests.Peers;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Dimse.Tests.Associations;

/// <summary>Every wait for a peer has a time limit; the tests move the clock.</summary>
public sealed class TimeoutTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();

    private static AssociationOptions Options { get; } = new()
    {
        ArtimTimeout = TimeSpan.FromSeconds(10),
        IdleTimeout = TimeSpan.FromSeconds(100),
        ReceiveTimeout = TimeSpan.FromSeconds(40),
        SendTimeout = TimeSpan.FromSeconds(50),
        ResponseTimeout = TimeSpan.FromSeconds(60),
        AssociationTimeout = TimeSpan.FromSeconds(20),
    };

    [Fact]
    public async Task A_connection_without_a_request_is_closed_by_ARTIM()
    {
        await using TestServer server = await StartAsync();
        using ScriptedPeer peer = await ScriptedPeer.ConnectAsync(server.Port);

        Assert.Empty(await AdvanceUntilAsync(peer.ReadToEndAsync(), atLeast: Options.ArtimTimeout));
    }

    [Fact]
    public async Task A_request_that_dribbles_is_closed_by_ARTIM()
    {
        await using TestServer server = await StartAsync();
        using ScriptedPeer peer = await ScriptedPeer.ConnectAsync(server.Port);
        Task<List<byte>> reading = peer.ReadToEndAsync();

        Assert.Empty(await DribbleUntilAsync(peer, RawPdu.AssociateRequest(), reading, Options.ArtimTimeout));
    }

    [Fact]
    public async Task An_association_without_operations_is_aborted()
    {
        await using TestServer server = await StartAsync();
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);

        Assert.Equal(7, (await AdvanceUntilAsync(peer.ReadAsync(), Options.IdleTimeout)).Type);
        Assert.Empty(await AdvanceUntilAsync(peer.ReadToEndAsync(), TimeSpan.Zero));
    }

    [Fact]
    public async Task A_peer_that_falls_silent_in_a_message_is_aborted()
    {
        StoreService store = new();
        await using TestServer server = await StartAsync(store);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);

        await peer.SendAsync([.. RawPdu.Data(3, true, true, RawPdu.StoreCommand(1)), .. RawPdu.Data(3, false, false, new byte[100])]);

        Assert.Equal(7, (await AdvanceUntilAsync(peer.ReadAsync(), Options.ReceiveTimeout)).Type);
        Assert.Empty(store.Stored);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_peer_that_dribbles_does_not_hold_an_association(bool isCommand)
    {
        StoreService store = new();
        await using TestServer server = await StartAsync(store);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);
        if (!isCommand)
        {
            await peer.SendAsync(RawPdu.Data(3, true, true, RawPdu.StoreCommand(1)));
        }

        byte[] slow = isCommand
            ? RawPdu.Data(3, true, true, RawPdu.Command(RawPdu.CtStorage, 0x0001, 1, RawPdu.WithDataSet, ((ushort)0x1000, new byte[3000])))
            : RawPdu.Data(3, false, true, new byte[3000]);

        Assert.Equal(7, (await DribbleUntilAsync(peer, slow, peer.ReadAsync(), Options.ReceiveTimeout)).Type);
        Assert.Empty(store.Stored);
    }

    [Fact]
    public async Task A_request_that_is_not_answered_is_given_up()
    {
        (Socket listener, int port) = ScriptedPeer.Listen();
        using Socket owned = listener;
        Task<Association> opening = TestRequest.OpenAsync(port, options: Options, time: _time);
        using ScriptedPeer peer = await ScriptedPeer.AcceptAsync(listener);
        await peer.ReadAsync();

        AssociationException exception =
            await Assert.ThrowsAsync<AssociationException>(() => AdvanceUntilAsync(opening, Options.AssociationTimeout));

        Assert.Equal(AssociationFault.TimedOut, exception.Fault);
        Assert.Equal(7, (await peer.ReadAsync()).Type);
    }

    [Fact]
    public async Task A_response_that_does_not_come_ends_in_an_abort()
    {
        (Association association, ScriptedPeer peer) = await OpenAsync();
        using ScriptedPeer owned = peer;
        Task<DimseStatus> echo = association.EchoAsync();
        await peer.ReadCommandAsync();

        AssociationException exception =
            await Assert.ThrowsAsync<AssociationException>(() => AdvanceUntilAsync(echo, Options.ResponseTimeout));

        Assert.Equal(AssociationFault.TimedOut, exception.Fault);
        Assert.Equal(7, (await peer.ReadAsync()).Type);
    }

    [Fact]
    public async Task A_release_that_is_not_answered_ends_in_an_abort()
    {
        (Association association, ScriptedPeer peer) = await OpenAsync();
        using ScriptedPeer owned = peer;
        Task releasing = association.ReleaseAsync(CancellationToken.None);
        Assert.Equal(5, (await peer.ReadAsync()).Type);

        AssociationException exception =
            await Assert.ThrowsAsync<AssociationException>(() => AdvanceUntilAsync(AsResultAsync(releasing), Options.AssociationTimeout));

        Assert.Equal(AssociationFault.TimedOut, exception.Fault);
        Assert.Equal(7, (await peer.ReadAsync()).Type);
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_is_given_up()
    {
        (Association association, ScriptedPeer peer) = await OpenAsync();
        using ScriptedPeer owned = peer;
        Task<OutgoingOperation> storing = association.InvokeStoreAsync("1.2", async (stream, token) =>
        {
            while (true)
            {
                await stream.WriteAsync(new byte[100_000], token);
            }
        });

        AssociationException exception =
            await Assert.ThrowsAsync<AssociationException>(() => AdvanceUntilAsync(storing, Options.SendTimeout));

        Assert.Equal(AssociationFault.TimedOut, exception.Fault);
    }

    [Fact]
    public async Task An_operation_that_takes_its_time_is_not_idle()
    {
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedService<CFindRequest> find = new(async (operation, cancellationToken) =>
        {
            await operation.DataSet!.ReadAllAsync(cancellationToken);
            begun.SetResult();
            await go.Task.WaitAsync(Timeout, cancellationToken);
            await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Success }, null, cancellationToken);
        });
        await using TestServer server = await StartAsync(find);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);
        await peer.SendAsync(RawPdu.Find(1));
        await begun.Task.WaitAsync(Timeout);

        _time.Advance(TimeSpan.FromHours(1));
        go.SetResult();

        Assert.Equal(0, await peer.ReadStatusAsync());
    }

    private static async Task<bool> AsResultAsync(Task task)
    {
        await task;
        return true;
    }

    private Task<TestServer> StartAsync(params IDimseService[] services)
        => TestServer.StartAsync(new DimseServerOptions { Association = Options }, null, _time, services);

    private async Task<(Association Association, ScriptedPeer Peer)> OpenAsync()
    {
        (Socket listener, int port) = ScriptedPeer.Listen();
        using Socket owned = listener;
        Task<Association> opening = TestRequest.OpenAsync(port, options: Options, time: _time);
        ScriptedPeer peer = await ScriptedPeer.AcceptAsync(listener);
        await peer.ReadAsync();
        await peer.SendAsync(RawPdu.AssociateAccept(1, 3, 5));
        return (await opening.WaitAsync(Timeout), peer);
    }

    /// <summary>Advances the clock second by second until the task ends, which must not be before the timeout.</summary>
    private async Task<T> AdvanceUntilAsync<T>(Task<T> task, TimeSpan atLeast)
    {
        DateTimeOffset start = _time.GetUtcNow();
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(5));
        while (!task.IsCompleted && _time.GetUtcNow() - start < TimeSpan.FromHours(1))
        {
            await tick.WaitForNextTickAsync();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await Task.WhenAny(task.WaitAsync(Timeout));
        Assert.True(_time.GetUtcNow() - start >= atLeast, "It ended too early.");
        return await task.WaitAsync(Timeout);
    }

    /// <summary>Sends a byte each second until the task ends, which must be before the last byte.</summary>
    private async Task<T> DribbleUntilAsync<T>(ScriptedPeer peer, byte[] bytes, Task<T> task, TimeSpan atLeast)
    {
        DateTimeOffset start = _time.GetUtcNow();
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(5));
        for (int i = 0; i < bytes.Length && !task.IsCompleted; i++)
        {
            try
            {
                await peer.SendAsync([bytes[i]]);
            }
            catch (SocketException)
            {
                // The server has closed the connection.
                break;
            }

            await tick.WaitForNextTickAsync();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(_time.GetUtcNow() - start >= atLeast, "It ended too early.");
        return await task.WaitAsync(Timeout);
    }
}
