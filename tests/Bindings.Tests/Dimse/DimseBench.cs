using System.Collections.Concurrent;
using System.Net.Http.Headers;
using ImagingIngestion.Bindings.Dimse;
using ImagingIngestion.Bindings.Tests.Stow;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Dimse.Tests.Peers;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Bindings.Tests.Dimse;

/// <summary>A source of instances, a storage SCP that a test scripts, and the C-STORE binding between them.</summary>
internal sealed class DimseBench : IAsyncDisposable
{
    private readonly TestServer _server;
    private readonly FakeLogCollector _log = new();

    private DimseBench(InstanceServer source, TestServer server, AcceptingPolicy policy, DimseBindingOptions options)
    {
        Source = source;
        _server = server;
        Policy = policy;
        Target = new DimseTarget(options, source.Client, source, TimeProvider.System, _log.ToFactory());
    }

    public InstanceServer Source { get; }

    public DimseTarget Target { get; }

    public AcceptingPolicy Policy { get; }

    public DimseServer Server => _server.Server;

    public IReadOnlyList<string> Log => _log.Lines();

    /// <summary>Transfer syntaxes that were requested from the source.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <param name="service">The SCP.</param>
    /// <param name="change">Changes the options.</param>
    /// <param name="policy">Decides on associations; null accepts every proposal.</param>
    /// <param name="tls">The TLS settings of the SCP.</param>
    public static async Task<DimseBench> StartAsync(
        IDimseService service,
        Func<DimseBindingOptions, DimseBindingOptions>? change = null,
        AcceptingPolicy? policy = null,
        DimseTlsServerOptions? tls = null)
    {
        policy ??= new AcceptingPolicy();
        TestServer server = await TestServer.StartAsync(new DimseServerOptions { Tls = tls }, policy, null, service);
        DimseBindingOptions options = new() { Host = "localhost", Port = server.Port, CalledAeTitle = "ARCHIVE" };
        return new DimseBench(await InstanceServer.StartAsync(), server, policy, change?.Invoke(options) ?? options);
    }

    /// <summary>An SCP that reads the data set of each C-STORE and answers with a status.</summary>
    public static ScriptedService<CStoreRequest> Answering(ushort status) => new(async (operation, token) =>
    {
        await DrainAsync(operation, token);
        await RespondAsync(operation, status, token);
    });

    public static async Task DrainAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        while (!(await operation.DataSet!.ReadAsync(cancellationToken)).IsEmpty)
        {
        }
    }

    public static async Task RespondAsync(IncomingOperation operation, ushort status, CancellationToken cancellationToken)
        => await operation.RespondAsync(
            new CStoreResponse { Status = new DimseStatus(status), SopClassUid = operation.Request.SopClassUid }, null, cancellationToken);

    /// <summary>An acceptor that takes only these transfer syntaxes.</summary>
    public static AcceptingPolicy Taking(params string[] syntaxes) => new()
    {
        Decide = (offer, _) => new(
            AssociationDecision.Accept([.. offer.PresentationContexts.Select(context => syntaxes.Contains(context.TransferSyntaxes[0])
            ? new ContextResult(context.Id, ContextResultReason.Acceptance, context.TransferSyntaxes[0])
            : new ContextResult(context.Id, ContextResultReason.TransferSyntaxesNotSupported, ""))])),
    };

    /// <summary>The instance of a delivery in a transfer syntax, with this many bytes of pixel data.</summary>
    public static TestInstance Instance(int number, string syntax = Syntax.ExplicitLittle, int length = 100_000) => new("unused")
    {
        StudyUid = "1.1",
        SeriesUid = "1.3",
        SopUid = StowBench.Uid(number),
        TransferSyntaxUid = syntax,
        Rows = 1,
        Columns = (ushort)Math.Min(length, 60_000),
        PixelData = new byte[length],
    };

    /// <summary>Serves instances as the WADO-RS endpoint does: as stored, or re-encoded if another native syntax is requested.</summary>
    public void Add(int first, int last, string syntax = Syntax.ExplicitLittle)
    {
        for (int number = first; number <= last; number++)
        {
            Add(Instance(number, syntax));
        }
    }

    public void Add(TestInstance instance) => Source.Script(instance.SopUid, async context =>
    {
        MediaTypeWithQualityHeaderValue accept = MediaTypeWithQualityHeaderValue.Parse(context.Request.Headers.Accept.ToString());
        string asked = accept.Parameters.Single(parameter => parameter.Name == "transfer-syntax").Value!;
        Asked.Enqueue(asked);
        byte[] file = (asked == "*" ? instance : instance with { TransferSyntaxUid = asked }).ToPart10();
        context.Response.ContentType = "application/dicom";
        context.Response.ContentLength = file.Length;
        await context.Response.Body.WriteAsync(file);
    });

    public Task<IReadOnlyList<DeliveryResult>> DeliverAsync(params Delivery[] deliveries)
        => Target.DeliverAsync(deliveries, CancellationToken.None);

    public Task<IReadOnlyList<DeliveryResult>> DeliverAsync(int first, int last)
        => DeliverAsync([.. Enumerable.Range(first, last - first + 1).Select(number => StowBench.Delivery(number))]);

    /// <summary>Writes the data set in a syntax, deflated if the syntax is.</summary>
    public static byte[] DataSet(TestInstance instance)
    {
        byte[] file = instance.ToPart10();
        Assert.True(Part10HeadReader.TryRead(file, isWhole: true, DicomReaderOptions.Default, out Part10Head head));
        return file[head.DataSetOffset..];
    }

    public async ValueTask DisposeAsync()
    {
        await Target.DisposeAsync();
        await _server.DisposeAsync();
        await Source.DisposeAsync();
    }
}
