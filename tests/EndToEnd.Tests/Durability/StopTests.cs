using System.Net.Sockets;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>
/// SIGTERM in the middle of uploads: those under way finish or fail, no acknowledged instance is lost, and the exit code is 0.
/// </summary>
[Trait(InACluster.Trait, InACluster.Value)]
public sealed class StopTests
{
    private const int Frames = 40;

    [Fact]
    public async Task A_stop_during_a_load_loses_nothing_that_was_acknowledged()
    {
        using TemporaryFolder folder = new();
        UploadLoad load;
        await using (Server server = await Server.StartAsync(folder.Sub("data")))
        {
            load = new UploadLoad(server.Client, seed: 100);
            int exitCode = -1;
            await load.RunAsync(answers: 20, async () => exitCode = await server.StopAsync());
            Assert.True(exitCode == 0, $"Exit code {exitCode}.{Environment.NewLine}{server.Output}");
        }

        await using Server restarted = await Server.StartAsync(folder.Sub("data"));
        Assert.NotEmpty(load.Acknowledged);
        Assert.Empty(await AcknowledgedCheck.FaultsAsync(restarted.Client, load));
    }

    [Fact]
    public async Task An_upload_on_its_way_is_finished_before_the_process_stops()
    {
        using TemporaryFolder folder = new();
        BigInstance instance = new("on its way", Frames);
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (Server server = await Server.StartAsync(folder.Sub("data")))
        {
            using BigInstanceContent content = new(instance, gate.Task);
            Task<StowReply> upload = server.Client.StoreAsync(content);
            await content.HalfSent;
            Task<int> stop = server.StopAsync();
            await WaitUntilRefusedAsync(server.Root);
            gate.SetResult();

            StowReply reply = await upload;
            Assert.True(reply.Status == 200, $"{reply.Status} {reply.Body}");
            Assert.Equal(0, await stop);
        }

        await using Server restarted = await Server.StartAsync(folder.Sub("data"));
        Assert.Single(await restarted.Client.FindAsync(instance.Path));
        using HttpResponseMessage back = await restarted.Client.GetStoredAsync(instance.Path);
        Assert.True(back.Content.Headers.ContentLength > instance.PixelBytes);
    }

    [Fact]
    public async Task A_sender_that_does_not_go_on_cannot_keep_the_process_from_stopping()
    {
        using TemporaryFolder folder = new();
        BigInstance instance = new("never finished", Frames);
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (Server server = await Server.StartAsync(folder.Sub("data"), ["env", "IMAGING__SERVER__DRAINTIME=2s"]))
        {
            using BigInstanceContent content = new(instance, gate.Task);
            Task<StowReply> upload = server.Client.StoreAsync(content);
            await content.HalfSent;

            int exitCode = await server.StopAsync();

            Assert.True(exitCode == 0, $"Exit code {exitCode}.{Environment.NewLine}{server.Output}");
            gate.SetResult();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => upload);
        }

        await using Server restarted = await Server.StartAsync(folder.Sub("data"));
        Assert.Empty(await restarted.Client.FindAsync(instance.Path));
    }

    /// <summary>Waits until the server takes no more connections: it has received the signal.</summary>
    private static async Task WaitUntilRefusedAsync(Uri root)
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(30));
        while (true)
        {
            using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(root.Host, root.Port, deadline.Token);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
            {
                // It closes the connections that it has not accepted yet; the next one is refused.
            }
        }
    }
}
