using System.Net;
using System.Threading.Channels;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.TestData;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Gateways.Tests.Dimse.Commitment;

/// <summary>
/// A modality that requests storage commitment and takes the reports, on its own associations and on those that are opened to it.
/// </summary>
internal sealed class CommitmentScu : IDimseService, IAssociationPolicy, IAsyncDisposable
{
    public const string SopClass = "1.2.840.10008.1.20.1";
    public const string SopInstance = "1.2.840.10008.1.20.1.1";

    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);

    private readonly Channel<CommitmentReport> _reports = Channel.CreateUnbounded<CommitmentReport>();
    private readonly AssociationRequestor _requestor = new(
        new AssociationOptions(), TimeProvider.System, NullLogger<AssociationRequestor>.Instance);
    private DimseServer? _server;

    public AeTitle Title { get; init; } = new("MODALITY 1");

    /// <summary>Its answers to reports in turn; success after the last.</summary>
    public Queue<DimseStatus> Answers { get; } = new();

    /// <summary>How many reports it ignores while it keeps its associations open.</summary>
    public int Silences { get; set; }

    /// <summary>How many reports it has not answered.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Grants the SCP role to those who ask for it.</summary>
    public bool GrantsRoles { get; init; } = true;

    public List<AssociationOffer> Offers { get; } = [];

    public int Port => _server!.Port;

    /// <summary>Listens for reports.</summary>
    public async Task ListenAsync(int port = 0)
    {
        DimseServerOptions options = new() { Address = IPAddress.Loopback, Port = port };
        _server = new DimseServer(options, this, [this], TimeProvider.System, NullLogger<DimseServer>.Instance);
        await _server.StartAsync(CancellationToken.None);
    }

    public Task<Association> AssociateAsync(int port, string syntax = Syntax.ExplicitLittle)
        => _requestor.RequestAsync(
            new DimsePeer { AeTitle = CommitmentHost.Title, Host = "127.0.0.1", Port = port },
            new AssociationRequest
            {
                CallingAeTitle = Title,
                CalledAeTitle = CommitmentHost.Title,
                PresentationContexts = [new ProposedContext(1, SopClass, [syntax])],
                Services = [this],
            },
            CancellationToken.None);

    /// <summary>Requests on an association; returns the status.</summary>
    public static Task<DimseStatus> AskAsync(
        Association association, string transaction, params (string Class, string Instance)[] references)
        => ActAsync(
            association,
            new NActionRequest { SopClassUid = SopClass, SopInstanceUid = SopInstance, ActionTypeId = 1 },
            CommitmentData.Action(
                association.Contexts[0].TransferSyntax,
                transaction,
                [.. references.Select(reference => ((string?)reference.Class, (string?)reference.Instance))]));

    public static async Task<DimseStatus> ActAsync(Association association, NActionRequest action, byte[] information)
    {
        OutgoingOperation operation = await association.InvokeAsync(
            association.Contexts[0], action, (target, token) => target.WriteAsync(information, token).AsTask(), CancellationToken.None);
        return (await operation.ReadAsync(CancellationToken.None)).Response.Status;
    }

    /// <summary>Requests on a separate association, which is released at once.</summary>
    public async Task<DimseStatus> AskAndLeaveAsync(int port, string transaction, params (string Class, string Instance)[] references)
    {
        await using Association association = await AssociateAsync(port);
        DimseStatus status = await AskAsync(association, transaction, references);
        await association.ReleaseAsync(CancellationToken.None);
        return status;
    }

    public async Task<CommitmentReport> NextReportAsync()
        => await _reports.Reader.ReadAsync(CancellationToken.None).AsTask().WaitAsync(TestTimeout);

    public bool HasReport => _reports.Reader.TryPeek(out _);

    public bool Performs(DimseRequest request) => request is NEventReportRequest;

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        NEventReportRequest report = (NEventReportRequest)operation.Request;
        byte[] information = (await operation.DataSet!.ReadAllAsync(cancellationToken))!;
        Assert.Equal((SopClass, SopInstance), (report.SopClassUid, report.SopInstanceUid));
        if (Unanswered < Silences)
        {
            Unanswered++;
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        }

        DimseStatus status = Answers.TryDequeue(out DimseStatus answer) ? answer : DimseStatus.Success;
        await operation.RespondAsync(
            new NEventReportResponse { Status = status, SopClassUid = SopClass, SopInstanceUid = SopInstance }, null, cancellationToken);
        _reports.Writer.TryWrite(new CommitmentReport(
            report.EventTypeId, CommitmentData.Parse(information, operation.Context.TransferSyntax), !operation.Association.IsRequestor));
    }

    public ValueTask<AssociationDecision> DecideAsync(AssociationOffer offer, CancellationToken cancellationToken)
    {
        Offers.Add(offer);
        IEnumerable<ContextResult> contexts = offer.PresentationContexts.Select(
            context => new ContextResult(context.Id, ContextResultReason.Acceptance, context.TransferSyntaxes[0]));
        return ValueTask.FromResult(
            AssociationDecision.Accept([.. contexts]) with { Roles = GrantsRoles ? offer.UserInformation.RoleSelections : [] });
    }

    /// <summary>Stops listening.</summary>
    public async Task LeaveAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await LeaveAsync();
}

/// <summary>An N-EVENT-REPORT as a requestor received it.</summary>
/// <param name="EventTypeId">1 for success, 2 for failures.</param>
/// <param name="Information">The data set.</param>
/// <param name="IsReverse">It came on an association that the reporting side opened.</param>
internal sealed record CommitmentReport(int EventTypeId, DicomDataset Information, bool IsReverse)
{
    public string? Transaction => Information.GetString(DicomTag.TransactionUID);

    public (string Class, string Instance)[] Committed => CommitmentData.Committed(Information);

    public (string Class, string Instance, string Reason)[] Failed => CommitmentData.Failed(Information);
}
