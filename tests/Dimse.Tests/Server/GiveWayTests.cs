using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Dimse.Tests.Peers;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Dimse.Tests.Server;

/// <summary>Silent associations give their place in the table to new ones.</summary>
public sealed class GiveWayTests
{
    [Fact]
    public async Task A_new_association_takes_the_place_of_the_one_that_is_idle_longest()
    {
        await using TestServer server =
            await TestServer.StartAsync(new DimseServerOptions { MaxAssociations = 2, IdleGrace = TimeSpan.Zero }, null, null);
        using ScriptedPeer oldest = await ScriptedPeer.AssociateAsync(server.Port);
        using ScriptedPeer newer = await ScriptedPeer.AssociateAsync(server.Port);

        await server.EchoAsync();

        (byte type, byte[] body) = await oldest.ReadAsync();
        Assert.Equal((7, 2), (type, body[2]));
        await newer.SendAsync(RawPdu.Echo(1));
        Assert.Equal(0, await newer.ReadStatusAsync());
    }

    [Fact]
    public async Task An_association_at_work_does_not_give_way()
    {
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedService<CEchoRequest> working = new(async (operation, token) =>
        {
            begun.SetResult();
            await end.Task.WaitAsync(token);
            await operation.RespondAsync(Responses.To(operation.Request, DimseStatus.Success), null, token);
        });
        await using TestServer server =
            await TestServer.StartAsync(new DimseServerOptions { MaxAssociations = 1, IdleGrace = TimeSpan.Zero }, null, null, working);
        using ScriptedPeer busy = await ScriptedPeer.AssociateAsync(server.Port);
        await busy.SendAsync(RawPdu.Echo(1));
        await begun.Task;

        AssociationException refused = await Assert.ThrowsAsync<AssociationException>(() => TestRequest.OpenAsync(server.Port));

        Assert.Equal(AssociationFault.RejectedTransiently, refused.Fault);
        end.SetResult();
        Assert.Equal(0, await busy.ReadStatusAsync());
    }

    [Fact]
    public async Task An_association_that_has_just_worked_is_safe_for_a_while()
    {
        await using TestServer server =
            await TestServer.StartAsync(new DimseServerOptions { MaxAssociations = 1, IdleGrace = TimeSpan.FromHours(1) }, null, null);
        using ScriptedPeer idle = await ScriptedPeer.AssociateAsync(server.Port);

        AssociationException refused = await Assert.ThrowsAsync<AssociationException>(() => TestRequest.OpenAsync(server.Port));

        Assert.Equal(AssociationFault.RejectedTransiently, refused.Fault);
    }

    /// <summary>The peer sends the beginning of a message and then nothing.</summary>
    [Fact]
    public async Task An_association_whose_peer_is_silent_within_a_message_gives_way()
    {
        AheadTime time = new();
        DimseServerOptions options = new()
        {
            MaxAssociations = 1,
            Association = new AssociationOptions { ReceiveTimeout = TimeSpan.FromHours(1), RateWindow = TimeSpan.FromSeconds(10) }
        };
        await using TestServer server = await TestServer.StartAsync(options, null, time);
        using ScriptedPeer silent = await ScriptedPeer.AssociateAsync(server.Port);
        await silent.SendAsync(
            RawPdu.Data(1, isCommand: true, isLast: false, RawPdu.Command(RawPdu.Verification, 0x0030, 1, RawPdu.NoDataSet)[..20]));

        await EnterAsync(server, time);

        Assert.Equal(7, (await silent.ReadAsync()).Type);
    }

    /// <summary>The peer asks for matches and reads none of them.</summary>
    [Fact]
    public async Task A_peer_that_does_not_read_its_matches_gives_way()
    {
        TaskCompletionSource cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedService<CFindRequest> endless = new(async (operation, token) =>
        {
            try
            {
                while (true)
                {
                    await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Pending }, new byte[64 << 10], token);
                }
            }
            finally
            {
                cut.SetResult();
            }
        });
        AheadTime time = new();
        DimseServerOptions options = new()
        {
            MaxAssociations = 1,
            Association = new AssociationOptions { SendTimeout = TimeSpan.FromHours(1), RateWindow = TimeSpan.FromSeconds(10) }
        };
        await using TestServer server = await TestServer.StartAsync(options, null, time, endless);
        using ScriptedPeer slow = await ScriptedPeer.AssociateAsync(server.Port);
        await slow.SendAsync(RawPdu.Find(1));

        await EnterAsync(server, time);

        await cut.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>The peer asks for instances by C-GET and does not read them, or reads one and does not answer.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_does_not_take_its_instances_gives_way(bool doesRead)
    {
        TaskCompletionSource never = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedService<CStoreRequest> slow = new(async (operation, token) =>
        {
            await (doesRead ? operation.DataSet!.ReadAllAsync(token) : Task.CompletedTask);
            await never.Task.WaitAsync(token);
        });
        TaskCompletionSource cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedService<CGetRequest> get = new(async (operation, token) =>
        {
            await operation.DataSet!.ReadAllAsync(token);
            try
            {
                OutgoingOperation sub = await operation.Association.InvokeStoreAsync(
                    "1.2.3", (stream, writing) => WriteAsync(stream, doesRead ? 1 : int.MaxValue, writing), token);
                await sub.ReadAsync(token);
            }
            finally
            {
                cut.SetResult();
            }
        });
        AheadTime time = new();
        TimeSpan hour = TimeSpan.FromHours(1);
        AssociationOptions patient = new() { SendTimeout = hour, ReceiveTimeout = hour, ResponseTimeout = hour };
        DimseServerOptions options = new() { MaxAssociations = 1, Association = patient with { RateWindow = TimeSpan.FromSeconds(10) } };
        await using TestServer server = await TestServer.StartAsync(options, null, time, get);
        AssociationRequest request = TestRequest.Default with
        {
            Roles = [new RoleSelection(RawPdu.CtStorage, IsScu: true, IsScp: true)],
            Services = [slow]
        };
        await using Association association = await TestRequest.OpenAsync(server.Port, request, patient);
        await association.InvokeAsync(
            association.Context(RawPdu.StudyRootFind),
            new CGetRequest { SopClassUid = RawPdu.StudyRootFind },
            (stream, token) => stream.WriteAsync(new byte[10], token).AsTask(),
            CancellationToken.None);

        await EnterAsync(server, time);

        await cut.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private static async Task WriteAsync(Stream stream, int blocks, CancellationToken cancellationToken)
    {
        for (int block = 0; block < blocks; block++)
        {
            await stream.WriteAsync(new byte[64 << 10], cancellationToken);
        }
    }

    /// <summary>Advances the clock by windows until the server accepts a new association.</summary>
    private static async Task EnterAsync(TestServer server, AheadTime time)
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(1));
        AssociationException? refused = null;
        do
        {
            deadline.Token.ThrowIfCancellationRequested();
            time.Pass(TimeSpan.FromSeconds(11));
            try
            {
                await using Association next = await TestRequest.OpenAsync(server.Port);
                Assert.True((await next.EchoAsync()).IsSuccess);
                refused = null;
            }
            catch (AssociationException exception)
            {
                // The server has not yet noticed that the other association stands still.
                refused = exception;
            }
        }
        while (refused is not null);
    }
}
