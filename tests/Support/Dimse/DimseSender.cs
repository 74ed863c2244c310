using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Tests;

/// <summary>A modality with one association that stores data sets as they are, in any transfer syntax.</summary>
internal sealed class DimseSender : IAsyncDisposable
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(2);

    private readonly Association _association;

    private DimseSender(Association association) => _association = association;

    public Association Association => _association;

    /// <summary>Proposes one context for each pair.</summary>
    public static async Task<DimseSender> ConnectAsync(
        int port,
        IEnumerable<(string SopClass, string Syntax)> contexts,
        string calling = "TEST-SCU",
        int operations = 1,
        string called = "DICOM-INGEST",
        string host = "127.0.0.1")
    {
        AssociationRequestor requestor = new(new AssociationOptions(), TimeProvider.System, NullLogger<AssociationRequestor>.Instance);
        DimsePeer peer = new() { AeTitle = new AeTitle(called), Host = host, Port = port };
        AssociationRequest request = new()
        {
            CalledAeTitle = peer.AeTitle,
            CallingAeTitle = new AeTitle(calling),
            PresentationContexts =
            [
                .. contexts.Distinct().Select((pair, index) => new ProposedContext((byte)((2 * index) + 1), pair.SopClass, [pair.Syntax]))
            ],
            OperationsInvoked = operations,
        };
        return new DimseSender(await requestor.RequestAsync(peer, request, CancellationToken.None).WaitAsync(TestTimeout));
    }

    /// <summary>Returns null if the context was not accepted.</summary>
    public NegotiatedContext? Context(string sopClass, string syntax)
        => _association.Contexts.FirstOrDefault(context => context.AbstractSyntax == sopClass && context.TransferSyntax == syntax);

    public Task<CStoreResponse> StoreAsync(string sopClass, string sop, string syntax, ReadOnlyMemory<byte> dataSet)
        => StoreAsync(Context(sopClass, syntax)!, new CStoreRequest { SopClassUid = sopClass, SopInstanceUid = sop }, dataSet);

    public async Task<CStoreResponse> StoreAsync(NegotiatedContext context, CStoreRequest request, ReadOnlyMemory<byte> dataSet)
    {
        OutgoingOperation operation = await _association.InvokeAsync(
            context, request, (stream, token) => stream.WriteAsync(dataSet, token).AsTask(), CancellationToken.None).WaitAsync(TestTimeout);
        return (CStoreResponse)(await operation.ReadAsync(CancellationToken.None).AsTask().WaitAsync(TestTimeout)).Response;
    }

    /// <summary>Reads a file; head and content are null if they cannot be read.</summary>
    public static (Part10Head? Head, ParsedInstance? Parsed, ReadOnlyMemory<byte> DataSet) Read(ReadOnlyMemory<byte> file)
    {
        using InstanceParser parser = new(DicomReaderOptions.Default);
        ParsedInstance? parsed = null;
        try
        {
            parser.Feed(file);
            parser.FinishHead();
            parsed = parser.Complete();
        }
        catch (DicomParseException)
        {
            // The head that was read before the fault is kept.
        }

        return (parser.Head, parsed, file[(parser.Head?.DataSetOffset ?? 0)..]);
    }

    public ValueTask DisposeAsync() => _association.DisposeAsync();
}
