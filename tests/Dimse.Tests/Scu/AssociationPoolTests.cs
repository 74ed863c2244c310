using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Dimse.Tests.Peers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Dimse.Tests.Scu;

public sealed class AssociationPoolTests
{
    private const string MrStorage = "1.2.840.10008.5.1.4.1.1.4";

    [Fact]
    public async Task Five_hundred_instances_use_no_more_associations_than_are_allowed()
    {
        StoreService store = new();
        await using PoolBench bench = await PoolBench.StartAsync(new AssociationPoolOptions { MaxAssociations = 3 }, null, store);

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 500),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (number, _) => await bench.StoreAsync($"1.2.{number}"));

        Assert.Equal(500, store.Stored.Count);
        Assert.InRange(bench.Policy.Offers.Count, 1, 3);
    }

    [Fact]
    public async Task However_the_needs_vary_no_more_associations_are_open_at_once_than_are_allowed()
    {
        StoreService store = new();
        await using PoolBench bench = await PoolBench.StartAsync(new AssociationPoolOptions { MaxAssociations = 2 }, null, store);
        ConcurrentBag<Association> all = [];
        int most = 0;

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) =>
        {
            all.Add(await bench.StoreAsync(
                $"1.2.{number}", string.Create(CultureInfo.InvariantCulture, $"1.2.840.10008.5.1.4.1.1.{number % 7}")));
            most = Math.Max(most, all.Distinct().Count(association => association.IsOpen));
        });

        Assert.Equal(200, store.Stored.Count);
        Assert.InRange(most, 1, 2);
        Assert.InRange(bench.Pool.Count, 1, 2);
    }

    [Fact]
    public async Task An_association_that_does_not_cover_a_need_is_replaced_by_one_that_covers_the_old_ones_too()
    {
        await using PoolBench bench =
            await PoolBench.StartAsync(new AssociationPoolOptions { MaxAssociations = 1 }, null, new StoreService());

        Association first = await bench.StoreAsync("1.1");
        Association second = await bench.StoreAsync("1.2", MrStorage);
        Association third = await bench.StoreAsync("1.3");

        Assert.NotSame(first, second);
        Assert.False(first.IsOpen);
        Assert.Same(second, third);
        Assert.Equal([MrStorage, RawPdu.CtStorage], bench.Policy.Offers[1].PresentationContexts.Select(context => context.AbstractSyntax));
    }

    [Fact]
    public async Task A_lease_whose_association_does_not_cover_a_further_need_gets_another()
    {
        await using PoolBench bench = await PoolBench.StartAsync(new AssociationPoolOptions { MaxAssociations = 1 });
        await using AssociationLease lease = await bench.Pool.RentAsync(CancellationToken.None);

        Association first = await lease.OpenAsync([PoolBench.Need(RawPdu.CtStorage)], mustBeNew: false, CancellationToken.None);
        Association same = await lease.OpenAsync([PoolBench.Need(RawPdu.CtStorage)], mustBeNew: false, CancellationToken.None);
        bool isReused = lease.IsReused;
        Association other = await lease.OpenAsync([PoolBench.Need(MrStorage)], mustBeNew: false, CancellationToken.None);
        Association forced = await lease.OpenAsync([PoolBench.Need(MrStorage)], mustBeNew: true, CancellationToken.None);

        Assert.Same(first, same);
        Assert.True(isReused);
        Assert.NotSame(first, other);
        Assert.NotSame(other, forced);
        Assert.False(lease.IsReused);
        Assert.Equal([false, false, true], new[] { first, other, forced }.Select(association => association.IsOpen));
    }

    [Fact]
    public async Task A_refused_context_is_known_for_a_while_and_then_asked_for_again()
    {
        AcceptingPolicy policy = new()
        {
            Decide = (offer, _) => new(AssociationDecision.Accept([.. offer.PresentationContexts.Select(
                context => new ContextResult(context.Id, ContextResultReason.AbstractSyntaxNotSupported, ""))])),
        };
        await using PoolBench sure = await PoolBench.StartAsync(new AssociationPoolOptions { MaxAssociations = 1 }, policy);
        await using PoolBench asking =
            await PoolBench.StartAsync(new AssociationPoolOptions { MaxAssociations = 1, RefusalLifetime = TimeSpan.Zero }, policy);

        foreach (PoolBench bench in new[] { sure, sure, asking, asking })
        {
            await using AssociationLease lease = await bench.Pool.RentAsync(CancellationToken.None);
            Assert.Empty((await lease.OpenAsync([PoolBench.Need(RawPdu.CtStorage)], mustBeNew: false, CancellationToken.None)).Contexts);
        }

        Assert.Equal(1 + 2, policy.Offers.Count);
    }

    [Fact]
    public async Task An_unused_association_is_released()
    {
        await using PoolBench bench = await PoolBench.StartAsync(
            new AssociationPoolOptions { IdleTimeout = TimeSpan.FromMilliseconds(100) }, null, new StoreService());

        Association association = await bench.StoreAsync("1.1");

        await PoolBench.EndOfAsync(association);
        Assert.NotSame(association, await bench.StoreAsync("1.2"));
    }

    [Fact]
    public async Task An_association_that_broke_while_unused_is_dropped()
    {
        ConcurrentQueue<Association> served = [];
        ScriptedService<CStoreRequest> script = new(async (operation, token) =>
        {
            served.Enqueue(operation.Association);
            await operation.DataSet!.ReadAllAsync(token);
            await operation.RespondAsync(new CStoreResponse { Status = DimseStatus.Success }, null, token);
        });
        await using PoolBench bench = await PoolBench.StartAsync(new AssociationPoolOptions { MaxAssociations = 1 }, null, script);
        Association first = await bench.StoreAsync("1.1");

        await served.First().AbortAsync(CancellationToken.None);
        await PoolBench.EndOfAsync(first);
        Association second = await bench.StoreAsync("1.2");

        Assert.NotSame(first, second);
        Assert.True(second.IsOpen);
        Assert.Equal(1, bench.Pool.Count);
    }

    [Fact]
    public async Task A_peer_that_rejects_takes_no_place_away()
    {
        bool isFull = true;
        AcceptingPolicy policy = new()
        {
            Decide = (offer, _) => new(isFull ? AssociationDecision.Reject(RejectReason.LocalLimitExceeded) : AcceptingPolicy.Accept(offer))
        };
        await using PoolBench bench =
            await PoolBench.StartAsync(new AssociationPoolOptions { MaxAssociations = 1 }, policy, new StoreService());

        for (int attempt = 0; attempt < 3; attempt++)
        {
            AssociationException rejection = await Assert.ThrowsAsync<AssociationException>(() => bench.StoreAsync("1.1"));
            Assert.Equal(AssociationFault.RejectedTransiently, rejection.Fault);
        }

        Assert.Equal(0, bench.Pool.Count);
        isFull = false;
        Assert.True((await bench.StoreAsync("1.1")).IsOpen);
    }

    [Fact]
    public async Task Only_so_many_wait_for_a_place_and_they_get_it_in_the_end()
    {
        await using PoolBench bench = await PoolBench.StartAsync(new AssociationPoolOptions { MaxAssociations = 1, MaxWaiters = 1 });
        AssociationLease lease = await bench.Pool.RentAsync(CancellationToken.None);

        Task<AssociationLease> waiting = bench.Pool.RentAsync(CancellationToken.None);
        AssociationException tooMany = await Assert.ThrowsAsync<AssociationException>(() => bench.Pool.RentAsync(CancellationToken.None));
        await lease.DisposeAsync();

        Assert.Equal(AssociationFault.AllInUse, tooMany.Fault);
        await (await waiting).DisposeAsync();
    }

    [Fact]
    public async Task A_caller_that_waits_too_long_for_a_place_is_refused()
    {
        await using PoolBench bench =
            await PoolBench.StartAsync(new AssociationPoolOptions { MaxAssociations = 1, WaitTimeout = TimeSpan.FromMilliseconds(50) });
        await using AssociationLease lease = await bench.Pool.RentAsync(CancellationToken.None);

        AssociationException late = await Assert.ThrowsAsync<AssociationException>(() => bench.Pool.RentAsync(CancellationToken.None));

        Assert.Equal(AssociationFault.AllInUse, late.Fault);
    }

    [Fact]
    public async Task Disposing_ends_what_waits_what_is_used_and_what_is_idle()
    {
        await using PoolBench bench =
            await PoolBench.StartAsync(new AssociationPoolOptions { MaxAssociations = 2 }, null, new StoreService());
        await using AssociationLease used = await bench.Pool.RentAsync(CancellationToken.None);
        Association mine = await used.OpenAsync([PoolBench.Need(RawPdu.CtStorage)], mustBeNew: true, CancellationToken.None);
        Association idle = await bench.StoreAsync("1.1");
        await using AssociationLease other = await bench.Pool.RentAsync(CancellationToken.None);
        Task<AssociationLease> waiting = bench.Pool.RentAsync(CancellationToken.None);

        await bench.Pool.DisposeAsync();

        Assert.Equal(AssociationFault.Ended, (await Assert.ThrowsAsync<AssociationException>(() => waiting)).Fault);
        Assert.False(mine.IsOpen);
        Assert.False(idle.IsOpen);
        await Assert.ThrowsAsync<AssociationException>(() => bench.Pool.RentAsync(CancellationToken.None));
        await Assert.ThrowsAsync<AssociationException>(
            () => other.OpenAsync([PoolBench.Need(RawPdu.CtStorage)], mustBeNew: false, CancellationToken.None));
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_a_release_does_not_hold_up_the_end()
    {
        (Socket listener, int port) = ScriptedPeer.Listen();
        using Socket owner = listener;
        AssociationPool pool = PoolBench.Create(port, new AssociationPoolOptions { ReleaseTimeout = TimeSpan.FromMilliseconds(50) });
        Task<ScriptedPeer> accepting = ScriptedPeer.AcceptAsync(listener);
        AssociationLease lease = await pool.RentAsync(CancellationToken.None);
        Task<Association> opening = lease.OpenAsync([PoolBench.Need(RawPdu.CtStorage)], mustBeNew: false, CancellationToken.None);
        using ScriptedPeer peer = await accepting;
        await peer.ReadAsync();
        await peer.SendAsync(RawPdu.AssociateAccept(1));
        Association association = await opening;
        await lease.DisposeAsync();

        await pool.DisposeAsync();

        Assert.False(association.IsOpen);
        Assert.Equal(5, (await peer.ReadAsync()).Type);
        Assert.Equal(7, (await peer.ReadAsync()).Type);
    }
}

/// <summary>An association pool with a server of its own as its peer.</summary>
internal sealed class PoolBench : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly TestServer _server;

    private PoolBench(TestServer server, AcceptingPolicy policy, AssociationPoolOptions options)
    {
        _server = server;
        Policy = policy;
        Pool = Create(server.Port, options);
    }

    public AssociationPool Pool { get; }

    public AcceptingPolicy Policy { get; }

    public DimseServer Server => _server.Server;

    public static async Task<PoolBench> StartAsync(
        AssociationPoolOptions options, AcceptingPolicy? policy = null, params IDimseService[] services)
    {
        policy ??= new AcceptingPolicy();
        return new PoolBench(await TestServer.StartAsync(null, policy, null, services), policy, options);
    }

    public static AssociationPool Create(int port, AssociationPoolOptions options)
    {
        DimsePeer peer = new() { AeTitle = new AeTitle("TEST-SCP"), Host = "127.0.0.1", Port = port };
        AssociationRequestor requestor = new(new AssociationOptions(), TimeProvider.System, NullLogger<AssociationRequestor>.Instance);
        return new AssociationPool(_ => ValueTask.FromResult(peer), new AeTitle("TEST-SCU"), requestor, options, TimeProvider.System);
    }

    public static ContextNeed Need(string sopClass) => new(sopClass, RawPdu.ImplicitLittle);

    /// <summary>Stores 1000 bytes over an association of the pool.</summary>
    public async Task<Association> StoreAsync(string sopInstanceUid, string sopClass = RawPdu.CtStorage)
    {
        await using AssociationLease lease = await Pool.RentAsync(CancellationToken.None);
        Association association = await lease.OpenAsync([Need(sopClass)], mustBeNew: false, CancellationToken.None);
        CStoreResponse response = await StorageScu.StoreAsync(
            association, association.ScuContext(sopClass), sopInstanceUid,
            async (stream, token) => await stream.WriteAsync(new byte[1000], token), CancellationToken.None);
        Assert.True(response.Status.IsSuccess);
        return association;
    }

    /// <summary>Waits until an association has ended.</summary>
    public static async Task EndOfAsync(Association association)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = association.Ended.Register(ended.SetResult);
        await ended.Task.WaitAsync(Timeout);
    }

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync();
        await _server.DisposeAsync();
    }
}
