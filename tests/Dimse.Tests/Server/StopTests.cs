using System.Net.Sockets;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Tests.Peers;

namespace ImagingIngestion.Dimse.Tests.Server;

/// <summary>A server that stops still answers the requests that it has received.</summary>
public sealed class StopTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ScriptedService<CStoreRequest> Store => new(async (operation, cancellationToken) =>
    {
        try
        {
            await operation.DataSet!.ReadAllAsync(cancellationToken);
            _begun.TrySetResult();
            await _go.Task.WaitAsync(Timeout, cancellationToken);
            await operation.RespondAsync(new CStoreResponse { Status = DimseStatus.Success }, null, cancellationToken);
        }
        catch (Exception exception)
        {
            _failed.TrySetResult(exception);
            throw;
        }
    });

    [Fact]
    public async Task Operations_that_run_are_answered_and_others_are_aborted()
    {
        await using TestServer server = await TestServer.StartAsync(Store);
        using ScriptedPeer storing = await ScriptedPeer.AssociateAsync(server.Port);
        using ScriptedPeer idle = await ScriptedPeer.AssociateAsync(server.Port);
        using ScriptedPeer silent = await ScriptedPeer.ConnectAsync(server.Port);
        await storing.SendAsync([.. RawPdu.Store(1, new byte[1000]), .. RawPdu.Store(2, new byte[1000])]);
        await _begun.Task.WaitAsync(Timeout);

        Task stopping = server.Server.StopAsync(CancellationToken.None);
        Assert.Equal(7, (await idle.ReadAsync()).Type);
        idle.Dispose();
        Assert.Empty(await silent.ReadToEndAsync());
        await Assert.ThrowsAnyAsync<SocketException>(() => ScriptedPeer.ConnectAsync(server.Port));
        Assert.False(stopping.IsCompleted);
        _go.SetResult();

        byte[] answer = await storing.ReadCommandAsync();
        Assert.Equal(0, RawPdu.Read(answer, 0x0900));
        Assert.Equal(1, RawPdu.Read(answer, 0x0120));
        Assert.Equal(7, (await storing.ReadAsync()).Type);
        storing.Dispose();
        await stopping.WaitAsync(Timeout);
        await server.Server.StopAsync(CancellationToken.None).WaitAsync(Timeout);
        Assert.Equal(0, server.Server.AssociationCount);
    }

    [Fact]
    public async Task A_stop_that_does_not_wait_aborts_what_runs()
    {
        await using TestServer server = await TestServer.StartAsync(Store);
        using ScriptedPeer storing = await ScriptedPeer.AssociateAsync(server.Port);
        await storing.SendAsync(RawPdu.Store(1, new byte[1000]));
        await _begun.Task.WaitAsync(Timeout);
        using CancellationTokenSource hurry = new();

        Task stopping = server.Server.StopAsync(hurry.Token);
        await hurry.CancelAsync();

        Assert.IsAssignableFrom<OperationCanceledException>(await _failed.Task.WaitAsync(Timeout));
        Assert.DoesNotContain((byte)4, await storing.ReadToEndAsync());
        await stopping.WaitAsync(Timeout);
    }
}
