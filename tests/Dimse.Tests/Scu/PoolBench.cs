using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Dimse.Tests.Peers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Dimse.Tests.Scu;

/// <summary>A pool of associations to a server of the test.</summary>
internal sealed class PoolBench : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

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

    public static async Task<PoolBench> StartAsync(AssociationPoolOptions options, AcceptingPolicy? policy = null, params IDimseService[] services)
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

    /// <summary>Stores a little over an association of the pool.</summary>
    public async Task<Association> StoreAsync(string sopInstanceUid, string sopClass = RawPdu.CtStorage)
    {
        await using AssociationLease lease = await Pool.RentAsync(CancellationToken.None);
        Association association = await lease.OpenAsync([Need(sopClass)], mustBeNew: false, CancellationToken.None);
        CStoreResponse response = await StorageScu.StoreAsync(
            association, association.ScuContext(sopClass), sopInstanceUid, async (stream, token) => await stream.WriteAsync(new byte[1000], token), CancellationToken.None);
        Assert.True(response.Status.IsSuccess);
        return association;
    }

    /// <summary>Completes when an association is over.</summary>
    public static async Task EndOfAsync(Association association)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = association.Ended.Register(ended.SetResult);
        await ended.Task.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync();
        await _server.DisposeAsync();
    }
}
