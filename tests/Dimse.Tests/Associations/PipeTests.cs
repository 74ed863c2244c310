using System.IO.Pipelines;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Dimse.Tests.Peers;
using ImagingIngestion.Dimse.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Dimse.Tests.Associations;

/// <summary>An association runs over any pair of pipes, without a network.</summary>
public sealed class PipeTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Associations_run_over_any_duplex_pipe()
    {
        Pipe up = new();
        Pipe down = new();
        StoreService store = new();
        AcceptingPolicy policy = new();
        AcceptorContext context = new(
            new AssociationOptions(),
            policy,
            [store, new EchoService()],
            new AssociationLimits(10, 0, TimeSpan.Zero),
            TimeProvider.System,
            NullLogger.Instance);
        Task accepting = new AssociationAcceptor(new AssociationTransport(new Duplex(up.Reader, down.Writer), () => { }), context).RunAsync(
            CancellationToken.None);

        Association association = await TestRequest.Requestor().RequestAsync(
            new AssociationTransport(new Duplex(down.Reader, up.Writer), () => { }), TestRequest.Default, CancellationToken.None);
        Assert.Equal(DimseStatus.Success, await association.EchoAsync());
        OutgoingOperation operation =
            await association.InvokeStoreAsync("1.2", (stream, token) => stream.WriteAsync(new byte[1_000_001], token).AsTask());
        Assert.Equal(DimseStatus.Success, (await operation.ReadAsync(CancellationToken.None)).Response.Status);
        await association.ReleaseAsync(CancellationToken.None);

        await accepting.WaitAsync(Timeout);
        Assert.Equal(1_000_001, store.Stored["1.2"].Length);
        Assert.Null(Assert.Single(policy.Offers).RemoteEndPoint);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
