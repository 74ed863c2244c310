using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Server;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Dimse.Tests.Peers;

/// <summary>A server on a free port that keeps what it logs.</summary>
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

    /// <summary>A C-ECHO by an association of its own.</summary>
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
