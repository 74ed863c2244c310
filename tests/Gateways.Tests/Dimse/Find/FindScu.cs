using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Gateways.Tests.Dimse.Commitment;
using ImagingIngestion.TestData;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Gateways.Tests.Dimse.Find;

/// <summary>A viewer that queries on one association; its identifiers are written independently of the code under test.</summary>
internal sealed class FindScu : IAsyncDisposable
{
    public const string PatientRoot = "1.2.840.10008.5.1.4.1.2.1.1";
    public const string StudyRoot = "1.2.840.10008.5.1.4.1.2.2.1";

    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);

    private readonly Association _association;

    private FindScu(Association association) => _association = association;

    /// <summary>The granted extended negotiation.</summary>
    public byte[]? Granted => _association.Peer.ExtendedNegotiations.FirstOrDefault()?.Information.ToArray();

    public NegotiatedContext Context => _association.Contexts[0];

    public static async Task<FindScu> AssociateAsync(int port, string model, string syntax, byte[]? negotiation)
    {
        AssociationRequestor requestor = new(new AssociationOptions(), TimeProvider.System, NullLogger<AssociationRequestor>.Instance);
        AssociationRequest request = new()
        {
            CallingAeTitle = new AeTitle("VIEWER"),
            CalledAeTitle = FindHost.Title,
            PresentationContexts = [new ProposedContext(1, model, [syntax])],
            ExtendedNegotiations = negotiation is null ? [] : [new ExtendedNegotiation(model, negotiation)],
        };
        DimsePeer peer = new() { AeTitle = FindHost.Title, Host = "127.0.0.1", Port = port };
        return new FindScu(await requestor.RequestAsync(peer, request, CancellationToken.None));
    }

    /// <summary>Queries a level with keys in Latin-1 and the VRs of the data dictionary.</summary>
    public static DataSetBuilder Identifier(string? level, params (DicomTag Tag, string Value)[] keys)
    {
        DataSetBuilder identifier = new();
        foreach ((DicomTag tag, string value) in keys)
        {
            identifier.Text(tag.Value, DicomDictionary.VROf(tag).Code(), value);
        }

        return level is null ? identifier : identifier.Text(DicomTag.QueryRetrieveLevel.Value, "CS", level);
    }

    public Task<FindReplies> FindAsync(string? level, params (DicomTag Tag, string Value)[] keys) => FindAsync(Identifier(level, keys));

    public Task<FindReplies> FindAsync(DataSetBuilder identifier) => FindAsync(identifier.Encode(Syntax.WireOf(Context.TransferSyntax)));

    public async Task<FindReplies> FindAsync(byte[]? identifier) => await ReadAsync(await InvokeAsync(identifier));

    public async Task<OutgoingOperation> InvokeAsync(byte[]? identifier)
        => await _association.InvokeAsync(
            Context,
            new CFindRequest { SopClassUid = Context.AbstractSyntax },
            identifier is null ? null : (target, token) => target.WriteAsync(identifier, token).AsTask(),
            CancellationToken.None).WaitAsync(TestTimeout);

    public async Task<FindReplies> ReadAsync(OutgoingOperation operation)
    {
        List<(DimseStatus Status, DicomDataset Identifier)> matches = [];
        while (true)
        {
            DimseReply reply = await operation.ReadAsync(CancellationToken.None).AsTask().WaitAsync(TestTimeout);
            if (!reply.Response.Status.IsPending)
            {
                Assert.True(reply.DataSet.IsEmpty);
                return new FindReplies(matches, (CFindResponse)reply.Response);
            }

            matches.Add((reply.Response.Status, CommitmentData.Parse(reply.DataSet, Context.TransferSyntax)));
        }
    }

    public ValueTask DisposeAsync() => _association.DisposeAsync();
}

/// <summary>The answers to a query.</summary>
internal sealed record FindReplies(IReadOnlyList<(DimseStatus Status, DicomDataset Identifier)> Matches, CFindResponse Final)
{
    public string[] Values(DicomTag tag) => [.. Matches.Select(match => match.Identifier.GetString(tag) ?? "")];
}
