using System.Buffers;
using System.Security.Cryptography;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Dimse.Tests.Peers;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Tests.Associations;

/// <summary>Operations that a peer invokes.</summary>
public sealed class OperationTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task C_CANCEL_reaches_the_operation_that_runs()
    {
        ScriptedService<CFindRequest> find = new(async (operation, cancellationToken) =>
        {
            await operation.DataSet!.ReadAllAsync(cancellationToken);
            TaskCompletionSource cancelled = new();
            await using CancellationTokenRegistration registration = operation.Cancelled.Register(() => cancelled.SetResult());
            await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Pending }, new byte[10], cancellationToken);
            await cancelled.Task.WaitAsync(Timeout, cancellationToken);
            await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Cancel }, null, cancellationToken);
        });
        await using TestServer server = await TestServer.StartAsync(find);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);

        await peer.SendAsync(RawPdu.Find(7));
        Assert.Equal(0xFF00, await peer.ReadStatusAsync());
        await peer.SendAsync(RawPdu.Cancel(8));
        await peer.SendAsync(RawPdu.Cancel(7));

        Assert.Equal(0xFE00, await peer.ReadStatusAsync());
        await peer.SendAsync([.. RawPdu.Cancel(7), .. RawPdu.Echo(7)]);
        Assert.Equal(0, await peer.ReadStatusAsync());
    }

    [Fact]
    public async Task Without_a_window_operations_run_one_after_the_other()
    {
        int running = 0;
        ScriptedService<CStoreRequest> store = new(async (operation, cancellationToken) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            await operation.DataSet!.ReadAllAsync(cancellationToken);
            await Task.Yield();
            Interlocked.Decrement(ref running);
            await operation.RespondAsync(new CStoreResponse { Status = DimseStatus.Success }, null, cancellationToken);
        });
        await using TestServer server = await TestServer.StartAsync(store);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);

        await peer.SendAsync([.. Enumerable.Range(1, 20).SelectMany(number => RawPdu.Store((ushort)number, new byte[1000]))]);

        for (int i = 1; i <= 20; i++)
        {
            byte[] command = await peer.ReadCommandAsync();
            Assert.Equal(0, RawPdu.Read(command, 0x0900));
            Assert.Equal(i, RawPdu.Read(command, 0x0120));
        }
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(2, 2)]
    [InlineData(100, 4)]
    public async Task A_window_is_granted_up_to_the_cap_and_kept_to(int asked, int granted)
    {
        SemaphoreSlim begun = new(0);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int running = 0;
        int most = 0;
        ScriptedService<CEchoRequest> echo = new(async (operation, cancellationToken) =>
        {
            int now = Interlocked.Increment(ref running);
            most = Math.Max(most, now);
            begun.Release();
            await go.Task.WaitAsync(Timeout, cancellationToken);
            Interlocked.Decrement(ref running);
            await operation.RespondAsync(new CEchoResponse { Status = DimseStatus.Success }, null, cancellationToken);
        });
        await using TestServer server = await TestServer.StartAsync(
            new DimseServerOptions { Association = new AssociationOptions { MaxOperationsPerformed = 4 } }, null, null, echo);
        await using Association association =
            await TestRequest.OpenAsync(server.Port, TestRequest.Default with { OperationsInvoked = asked });
        Assert.Equal(granted, association.MaxOperationsInvoked);

        Task<DimseStatus>[] echoes = [.. Enumerable.Range(0, 10).Select(_ => association.EchoAsync())];
        for (int i = 0; i < granted; i++)
        {
            Assert.True(await begun.WaitAsync(Timeout));
        }

        go.SetResult();
        Assert.All(await Task.WhenAll(echoes).WaitAsync(Timeout), status => Assert.Equal(DimseStatus.Success, status));
        Assert.Equal(granted, most);
        await association.ReleaseAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Requests_beyond_the_window_wait_while_a_cancel_gets_through()
    {
        ScriptedService<CFindRequest> find = new(async (operation, cancellationToken) =>
        {
            await operation.DataSet!.ReadAllAsync(cancellationToken);
            TaskCompletionSource cancelled = new();
            await using CancellationTokenRegistration registration = operation.Cancelled.Register(() => cancelled.SetResult());
            await cancelled.Task.WaitAsync(Timeout, cancellationToken);
            await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Cancel }, null, cancellationToken);
        });
        await using TestServer server = await TestServer.StartAsync(find);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);

        await peer.SendAsync([.. RawPdu.Find(1), .. RawPdu.Echo(2), .. RawPdu.Cancel(1)]);

        Assert.Equal(0xFE00, await peer.ReadStatusAsync());
        Assert.Equal(0, await peer.ReadStatusAsync());
    }

    [Fact]
    public async Task A_message_id_that_is_in_use_is_answered_0210()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedService<CFindRequest> find = new(async (operation, cancellationToken) =>
        {
            await operation.DataSet!.ReadAllAsync(cancellationToken);
            await go.Task.WaitAsync(Timeout, cancellationToken);
            await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Success }, null, cancellationToken);
        });
        await using TestServer server = await TestServer.StartAsync(find);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port, RawPdu.AssociateRequest(window: (4, 1)));

        await peer.SendAsync([.. RawPdu.Find(1), .. RawPdu.Find(1)]);

        Assert.Equal(0x0210, await peer.ReadStatusAsync());
        go.SetResult();
        Assert.Equal(0, await peer.ReadStatusAsync());
    }

    [Theory]
    [InlineData(0x0030, 0x0122)]
    [InlineData(0x0140, 0x0211)]
    [InlineData(0x0777, 0x0211)]
    public async Task A_request_that_no_service_performs_is_answered_and_the_association_goes_on(int field, int status)
    {
        await using TestServer server = await TestServer.StartAsync();
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);
        byte[] command = field == 0x0030
            ? RawPdu.StoreCommand(1)
            : RawPdu.Command(RawPdu.CtStorage, (ushort)field, 1, RawPdu.WithDataSet, (0x1000, [0x31, 0]));

        await peer.SendAsync([.. RawPdu.Data(3, true, true, command), .. RawPdu.Data(3, false, true, new byte[5000]), .. RawPdu.Echo(2)]);

        byte[] answer = await peer.ReadCommandAsync();
        Assert.Equal(status, RawPdu.Read(answer, 0x0900));
        Assert.Equal(RawPdu.Read(command, 0x0100) | 0x8000, RawPdu.Read(answer, 0x0100));
        Assert.Equal(0, await peer.ReadStatusAsync());
    }

    [Fact]
    public async Task A_service_that_throws_is_answered_0110_and_logged_once()
    {
        ScriptedService<CStoreRequest> store = new((_, _) => throw new InvalidOperationException("broken"));
        await using TestServer server = await TestServer.StartAsync(store);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);

        await peer.SendAsync([.. RawPdu.Store(1, new byte[5000]), .. RawPdu.Echo(2)]);

        Assert.Equal(0x0110, await peer.ReadStatusAsync());
        Assert.Equal(0, await peer.ReadStatusAsync());
        Assert.Single(server.Log.Collector.GetSnapshot(), entry => entry.Level == LogLevel.Error);
    }

    [Fact]
    public async Task A_service_that_says_nothing_is_answered_0110()
    {
        ScriptedService<CFindRequest> find = new((_, _) => Task.CompletedTask);
        await using TestServer server = await TestServer.StartAsync(find);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);

        await peer.SendAsync(RawPdu.Find(1));

        Assert.Equal(0x0110, await peer.ReadStatusAsync());
    }

    [Fact]
    public async Task A_data_set_that_is_answered_before_its_end_is_skipped()
    {
        ScriptedService<CStoreRequest> store = new(async (operation, cancellationToken) =>
        {
            ReadOnlySequence<byte> first = await operation.DataSet!.ReadAsync(cancellationToken);
            Assert.False(first.IsEmpty);
            await operation.RespondAsync(new CStoreResponse { Status = DimseStatus.OutOfResources }, null, cancellationToken);
        });
        await using TestServer server = await TestServer.StartAsync(store);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port);

        await peer.SendAsync([.. RawPdu.Store(1, new byte[100_000]), .. RawPdu.Store(1, new byte[100_000]), .. RawPdu.Echo(3)]);

        Assert.Equal(0xA700, await peer.ReadStatusAsync());
        Assert.Equal(0xA700, await peer.ReadStatusAsync());
        Assert.Equal(0, await peer.ReadStatusAsync());
    }

    [Fact]
    public async Task Both_sides_invoke_on_one_association()
    {
        byte[] sent = [.. Enumerable.Range(0, 700_001).Select(number => (byte)number)];
        ScriptedService<CGetRequest> get = new(async (operation, cancellationToken) =>
        {
            await operation.DataSet!.ReadAllAsync(cancellationToken);
            for (int i = 0; i < 3; i++)
            {
                OutgoingOperation sub = await operation.Association.InvokeStoreAsync(
                    $"1.2.{i}", (stream, token) => stream.WriteAsync(sent, token).AsTask(), cancellationToken);
                Assert.Equal(DimseStatus.Success, (await sub.ReadAsync(cancellationToken)).Response.Status);
                await operation.RespondAsync(new CGetResponse
                {
                    Status = DimseStatus.Pending,
                    SubOperations = new SubOperations((ushort)(2 - i), (ushort)(i + 1), 0, 0)
                }, null, cancellationToken);
            }

            await operation.RespondAsync(
                new CGetResponse { Status = DimseStatus.Success, SubOperations = new SubOperations(null, 3, 0, 0) },
                null,
                cancellationToken);
        });
        StoreService received = new();
        await using TestServer server = await TestServer.StartAsync(get);
        await using Association association = await TestRequest.OpenAsync(
            server.Port,
            TestRequest.Default with { Roles = [new RoleSelection(RawPdu.CtStorage, IsScu: true, IsScp: true)], Services = [received] });

        OutgoingOperation operation = await association.InvokeAsync(
            association.Context(RawPdu.StudyRootFind),
            new CGetRequest { SopClassUid = RawPdu.StudyRootFind },
            (stream, token) => stream.WriteAsync(new byte[10], token).AsTask(),
            CancellationToken.None);
        List<ushort> statuses = [];
        do
        {
            statuses.Add((await operation.ReadAsync(CancellationToken.None)).Response.Status.Code);
        }
        while (statuses[^1] == 0xFF00);

        Assert.Equal([0xFF00, 0xFF00, 0xFF00, 0], statuses);
        Assert.Equal(3, received.Stored.Count);
        Assert.All(
            received.Stored.Values,
            one => Assert.Equal((700_001L, Convert.ToHexString(SHA256.HashData(sent))), one));
        await association.ReleaseAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(64, 18)]
    [InlineData(1008, 2)]
    public async Task Fragments_are_no_longer_than_the_peer_takes(uint longest, int atLeast)
    {
        byte[] sent = [.. Enumerable.Range(0, 1003).Select(number => (byte)number)];
        ScriptedService<CFindRequest> find = new(async (operation, cancellationToken) =>
        {
            await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Pending }, sent, cancellationToken);
            await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Success }, null, cancellationToken);
        });
        await using TestServer server = await TestServer.StartAsync(find);
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(server.Port, RawPdu.AssociateRequest(maximumLength: longest));
        await peer.SendAsync(RawPdu.Find(1));

        List<byte> received = [];
        int fragments = 0;
        for (bool isLast = false; !isLast;)
        {
            (byte type, byte[] body) = await peer.ReadAsync();
            Assert.Equal(4, type);
            Assert.True(longest == 0 || body.Length <= longest);
            if ((body[5] & 1) == 0)
            {
                fragments++;
                received.AddRange(body[6..]);
                isLast = (body[5] & 2) != 0;
            }
        }

        Assert.Equal(sent, received);
        Assert.True(fragments >= atLeast);
    }

    [Fact]
    public async Task Without_the_role_a_side_does_not_invoke()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using Association association = await TestRequest.OpenAsync(
            server.Port, TestRequest.Default with { Roles = [new RoleSelection(RawPdu.CtStorage, IsScu: false, IsScp: true)] });

        await Assert.ThrowsAsync<ArgumentException>(() => association.InvokeStoreAsync("1.2", (_, _) => Task.CompletedTask));
    }

    [Fact]
    public async Task A_response_that_is_too_long_to_keep_aborts()
    {
        ScriptedService<CFindRequest> find = new(async (operation, cancellationToken) =>
        {
            await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Pending }, new byte[20_000], cancellationToken);
            await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Success }, null, cancellationToken);
        });
        await using TestServer server = await TestServer.StartAsync(find);
        await using Association association =
            await TestRequest.OpenAsync(server.Port, options: new AssociationOptions { MaxIdentifierLength = 10_000 });

        OutgoingOperation operation = await association.InvokeAsync(
            association.Context(RawPdu.StudyRootFind),
            new CFindRequest { SopClassUid = RawPdu.StudyRootFind },
            (_, _) => Task.CompletedTask,
            CancellationToken.None);

        Assert.Equal(
            AssociationFault.ProtocolError,
            (await Assert.ThrowsAsync<AssociationException>(() => operation.ReadAsync(CancellationToken.None).AsTask())).Fault);
    }

    [Fact]
    public async Task A_reader_of_responses_that_is_slow_holds_the_peer_back()
    {
        int sent = 0;
        ScriptedService<CFindRequest> find = new(async (operation, cancellationToken) =>
        {
            for (int i = 0; i < 2000; i++)
            {
                await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Pending }, new byte[64 << 10], cancellationToken);
                Interlocked.Increment(ref sent);
            }

            await operation.RespondAsync(new CFindResponse { Status = DimseStatus.Success }, null, cancellationToken);
        });
        await using TestServer server = await TestServer.StartAsync(find);
        await using Association association = await TestRequest.OpenAsync(server.Port);
        OutgoingOperation operation = await association.InvokeAsync(
            association.Context(RawPdu.StudyRootFind),
            new CFindRequest { SopClassUid = RawPdu.StudyRootFind },
            (_, _) => Task.CompletedTask,
            CancellationToken.None);

        int received = 0;
        while ((await operation.ReadAsync(CancellationToken.None)).Response.Status.IsPending)
        {
            received++;
            if (received == 1)
            {
                Assert.True(Volatile.Read(ref sent) < 2000, "All responses were taken although nobody read them.");
            }
        }

        Assert.Equal(2000, received);
    }
}
