using System.Net.Sockets;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Dimse.Tests.Peers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Dimse.Tests.Scu;

/// <summary>Runs the SCUs against a server whose services the tests script.</summary>
public sealed class ScuTests
{
    private const string StudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2";
    private const string StudyRootGet = "1.2.840.10008.5.1.4.1.2.2.3";

    private static readonly byte[] Identifier = [8, 0, 0x52, 0, 6, 0, 0, 0, .. "STUDY "u8];

    [Fact]
    public async Task An_echo_answers_with_the_status_of_the_peer()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using Association association = await RequestAsync(server, [], RawPdu.Verification);

        Assert.Equal(DimseStatus.Success, await VerificationScu.EchoAsync(association, CancellationToken.None));
        await association.ReleaseAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_SOP_class_that_the_peer_did_not_accept_is_named()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using Association association = await RequestAsync(server, [], RawPdu.CtStorage);

        AssociationException fault =
            await Assert.ThrowsAsync<AssociationException>(() => VerificationScu.EchoAsync(association, CancellationToken.None));

        Assert.Equal(AssociationFault.NotAccepted, fault.Fault);
        Assert.Contains(RawPdu.Verification, fault.Message, StringComparison.Ordinal);
        Assert.True(association.IsOpen);
    }

    [Fact]
    public async Task A_store_answers_with_the_status_and_leaves_the_association_open()
    {
        ScriptedService<CStoreRequest> script = new(async (operation, token) =>
        {
            await operation.DataSet!.ReadAllAsync(token);
            await operation.RespondAsync(new CStoreResponse { Status = DimseStatus.OutOfResources, ErrorComment = "full" }, null, token);
        });
        await using TestServer server = await TestServer.StartAsync(script);
        await using Association association = await RequestAsync(server, [], RawPdu.CtStorage, RawPdu.Verification);

        CStoreResponse response = await StorageScu.StoreAsync(
            association, association.ScuContext(RawPdu.CtStorage), "1.2.3",
            async (stream, token) => await stream.WriteAsync(new byte[100], token), CancellationToken.None);

        Assert.Equal((DimseStatus.OutOfResources, "full"), (response.Status, response.ErrorComment));
        Assert.True((await VerificationScu.EchoAsync(association, CancellationToken.None)).IsSuccess);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A_peer_whose_PDUs_hold_no_value_is_refused(ushort maximumLength)
    {
        (Socket listener, int port) = ScriptedPeer.Listen();
        using Socket owner = listener;
        Task<ScriptedPeer> accepting = ScriptedPeer.AcceptAsync(listener);
        Task<Association> opening = TestRequest.OpenAsync(port);
        using ScriptedPeer peer = await accepting;
        await peer.ReadAsync();

        await peer.SendAsync(RawPdu.AssociateAccept(maximumLength, [3]));

        AssociationException fault = await Assert.ThrowsAsync<AssociationException>(() => opening);
        Assert.Equal(AssociationFault.ProtocolError, fault.Fault);
        Assert.Contains($"at most {maximumLength} bytes", fault.Message, StringComparison.Ordinal);
        Assert.Equal(7, (await peer.ReadAsync()).Type);
    }

    [Theory]
    [InlineData(0x8030, 0x0000)]
    [InlineData(0x8001, 0xFF00)]
    [InlineData(0x8777, 0x0000)]
    public async Task A_response_that_cannot_follow_the_request_ends_the_association(int field, int status)
    {
        (Socket listener, int port) = ScriptedPeer.Listen();
        using Socket owner = listener;
        Task<ScriptedPeer> accepting = ScriptedPeer.AcceptAsync(listener);
        Task<Association> opening = TestRequest.OpenAsync(port);
        using ScriptedPeer peer = await accepting;
        await peer.ReadAsync();
        await peer.SendAsync(RawPdu.AssociateAccept(3));
        await using Association association = await opening;

        Task<CStoreResponse> storing = StorageScu.StoreAsync(
            association, association.ScuContext(RawPdu.CtStorage), "1.2.3",
            async (stream, token) => await stream.WriteAsync(new byte[100], token), CancellationToken.None);
        byte[] command = await peer.ReadCommandAsync();
        await peer.SendAsync(RawPdu.Data(
            3, true, true, RawPdu.Response(RawPdu.CtStorage, (ushort)field, (ushort)RawPdu.Read(command, 0x0110), (ushort)status)));

        AssociationException fault = await Assert.ThrowsAsync<AssociationException>(() => storing);
        Assert.Equal(AssociationFault.ProtocolError, fault.Fault);
        Assert.Equal(7, (await peer.ReadAsync()).Type);
    }

    [Fact]
    public async Task A_find_answers_with_all_responses_the_final_one_last()
    {
        byte[]? asked = null;
        ScriptedService<CFindRequest> script = new(async (operation, token) =>
        {
            asked = await operation.DataSet!.ReadAllAsync(token);
            for (byte number = 0; number < 3; number++)
            {
                await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Pending }, new byte[] { number, 0 }, token);
            }

            await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Success }, null, token);
        });
        await using TestServer server = await TestServer.StartAsync(script);
        await using Association association = await RequestAsync(server, [], RawPdu.StudyRootFind);

        List<DimseReply> replies = [];
        await foreach (DimseReply reply in FindScu.FindAsync(association, RawPdu.StudyRootFind, Identifier, CancellationToken.None))
        {
            replies.Add(reply);
        }

        Assert.Equal(Identifier, asked);
        Assert.Equal([0xFF00, 0xFF00, 0xFF00, 0], replies.Select(reply => reply.Response.Status.Code));
        Assert.Equal([0, 1, 2], replies.SkipLast(1).Select(reply => reply.DataSet.Span[0]));
    }

    [Fact]
    public async Task A_caller_that_stops_reading_a_find_cancels_it_and_can_go_on_with_the_association()
    {
        await using TestServer server = await TestServer.StartAsync(EndlessFind(new TaskCompletionSource()));
        await using Association association = await RequestAsync(server, [], RawPdu.StudyRootFind, RawPdu.Verification);

        await foreach (DimseReply reply in FindScu.FindAsync(association, RawPdu.StudyRootFind, Identifier, CancellationToken.None))
        {
            Assert.True(reply.Response.Status.IsPending);
            break;
        }

        Assert.True((await VerificationScu.EchoAsync(association, CancellationToken.None)).IsSuccess);
    }

    [Fact]
    public async Task A_cancelled_find_is_cancelled_at_the_peer()
    {
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(EndlessFind(cancelled));
        await using Association association = await RequestAsync(server, [], RawPdu.StudyRootFind, RawPdu.Verification);
        using CancellationTokenSource stop = new();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (DimseReply _ in FindScu.FindAsync(association, RawPdu.StudyRootFind, Identifier, stop.Token))
            {
                await stop.CancelAsync();
            }
        });

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True((await VerificationScu.EchoAsync(association, CancellationToken.None)).IsSuccess);
    }

    [Fact]
    public async Task A_peer_that_goes_on_after_a_cancel_is_aborted()
    {
        ScriptedService<CFindRequest> script = new(async (operation, token) =>
        {
            while (!token.IsCancellationRequested)
            {
                await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Pending }, new byte[2], token);
            }
        });
        await using TestServer server = await TestServer.StartAsync(script);
        await using Association association = await RequestAsync(server, [], RawPdu.StudyRootFind);

        await foreach (DimseReply reply in FindScu.FindAsync(association, RawPdu.StudyRootFind, Identifier, CancellationToken.None))
        {
            break;
        }

        Assert.False(association.IsOpen);
    }

    [Fact]
    public async Task A_move_tells_its_destination_and_reports_the_counters()
    {
        string? destination = null;
        ScriptedService<CMoveRequest> script = new(async (operation, token) =>
        {
            destination = ((CMoveRequest)operation.Request).MoveDestination;
            await operation.DataSet!.ReadAllAsync(token);
            await operation.RespondAsync(
                new CMoveResponse { Status = DimseStatus.Pending, SubOperations = new SubOperations(1, 1, 0, 0) }, null, token);
            await operation.RespondAsync(
                new CMoveResponse { Status = DimseStatus.SubOperationsWithFailures, SubOperations = new SubOperations(null, 1, 1, 0) },
                Identifier,
                token);
        });
        await using TestServer server = await TestServer.StartAsync(script);
        await using Association association = await RequestAsync(server, [], StudyRootMove);

        List<RetrieveReport> reports = [];
        await foreach (RetrieveReport report in MoveScu.MoveAsync(
            association, StudyRootMove, new AeTitle("WORKSTATION"), Identifier, CancellationToken.None))
        {
            reports.Add(report);
        }

        Assert.Equal("WORKSTATION", destination);
        Assert.Equal([new SubOperations(1, 1, 0, 0), new SubOperations(null, 1, 1, 0)], reports.Select(report => report.SubOperations));
        Assert.Equal(Identifier, reports[1].DataSet.ToArray());
    }

    [Fact]
    public async Task A_get_brings_the_instances_on_the_same_association()
    {
        ScriptedService<CGetRequest> script = new(async (operation, token) =>
        {
            await operation.DataSet!.ReadAllAsync(token);
            NegotiatedContext context = operation.Association.ScuContext(RawPdu.CtStorage);
            CStoreResponse stored = await StorageScu.StoreAsync(
                operation.Association, context, "1.2.3", async (stream, write) => await stream.WriteAsync(new byte[70_000], write), token);
            await operation.RespondAsync(
                new CGetResponse { Status = stored.Status, SubOperations = new SubOperations(null, 1, 0, 0) }, null, token);
        });
        StoreService store = new();
        await using TestServer server = await TestServer.StartAsync(script);
        await using Association association = await RequestAsync(server, [store], StudyRootGet, RawPdu.CtStorage);

        List<RetrieveReport> reports = [];
        await foreach (RetrieveReport report in GetScu.GetAsync(association, StudyRootGet, Identifier, CancellationToken.None))
        {
            reports.Add(report);
        }

        Assert.Equal(DimseStatus.Success, Assert.Single(reports).Status);
        Assert.Equal(70_000, store.Stored["1.2.3"].Length);
    }

    private static ScriptedService<CFindRequest> EndlessFind(TaskCompletionSource cancelled) => new(async (operation, token) =>
    {
        await operation.DataSet!.ReadAllAsync(token);
        await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Pending }, new byte[2], token);
        TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = operation.Cancelled.Register(() => stop.TrySetResult());
        await stop.Task.WaitAsync(token);
        cancelled.TrySetResult();
        await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Cancel }, null, token);
    });

    private static Task<Association> RequestAsync(TestServer server, IReadOnlyList<IDimseService> services, params string[] classes)
    {
        AssociationRequestor requestor = new(new AssociationOptions(), TimeProvider.System, NullLogger<AssociationRequestor>.Instance);
        AssociationRequest request = new()
        {
            CallingAeTitle = new AeTitle("TEST-SCU"),
            CalledAeTitle = new AeTitle("TEST-SCP"),
            PresentationContexts =
            [
                .. classes.Select((sopClass, index) => new ProposedContext((byte)((index * 2) + 1), sopClass, [RawPdu.ImplicitLittle]))
            ],
            Roles = services.Count == 0 ? [] : [new RoleSelection(RawPdu.CtStorage, IsScu: true, IsScp: true)],
            Services = services,
        };
        return requestor.RequestAsync(
            new DimsePeer { AeTitle = new AeTitle("TEST-SCP"), Host = "localhost", Port = server.Port }, request, CancellationToken.None);
    }
}
