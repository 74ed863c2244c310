using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Server;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Dimse.Tests.Peers;

/// <summary>A server on a free port that records its log.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private TestServer(DimseServer server, FakeLogger<DimseServer> log)
    {
        Server = server;
        Log = log;
    }

    public DimseServer Server { get; }

    public FakeLogger<DimseServer> Log { get; }

    public int Port => Server.Port;

    public static Task<TestServer> StartAsync(params IDimseService[] services) => StartAsync(null, null, null, services);

    public static async Task<TestServer> StartAsync(
        DimseServerOptions? options, IAssociationPolicy? policy, TimeProvider? time, params IDimseService[] services)
    {
        FakeLogger<DimseServer> log = new();
        DimseServer server = new(
            (options ?? new DimseServerOptions()) with { Port = 0 },
            policy ?? new AcceptingPolicy(),
            [.. services, new EchoService()],
            time ?? TimeProvider.System,
            log);
        await server.StartAsync(CancellationToken.None);
        return new TestServer(server, log);
    }

    /// <summary>Checks that the server answers a C-ECHO on a new association.</summary>
    public async Task EchoAsync()
    {
        using ScriptedPeer peer = await ScriptedPeer.AssociateAsync(Port);
        await peer.SendAsync(RawPdu.Echo(1));
        Assert.Equal(0, await peer.ReadStatusAsync());
        await peer.SendAsync(RawPdu.ReleaseRequest);
        Assert.Equal(6, (await peer.ReadAsync()).Type);
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>Accepts every context in the first transfer syntax that is proposed, and every role.</summary>
internal sealed class AcceptingPolicy : IAssociationPolicy
{
    public List<AssociationOffer> Offers { get; } = [];

    public Func<AssociationOffer, CancellationToken, ValueTask<AssociationDecision>>? Decide { get; init; }

    public ValueTask<AssociationDecision> DecideAsync(AssociationOffer offer, CancellationToken cancellationToken)
    {
        lock (Offers)
        {
            Offers.Add(offer);
        }

        return Decide is { } decide ? decide(offer, cancellationToken) : new ValueTask<AssociationDecision>(Accept(offer));
    }

    public static AssociationDecision Accept(AssociationOffer offer)
        => AssociationDecision.Accept([.. offer.PresentationContexts.Select(
            context => new ContextResult(context.Id, ContextResultReason.Acceptance, context.TransferSyntaxes[0]))])
            with { Roles = offer.UserInformation.RoleSelections };
}
