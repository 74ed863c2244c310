using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Manifest.Commitments;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>Takes requests for storage commitment (N-ACTION): success is answered when the request is durable (PS3.4 section J.3.2).</summary>
internal sealed partial class StorageCommitmentScp(
    ICommitmentQueue queue, OpenTransactions open, CommitmentSignal signal, ProviderName provider, CommitmentOptions options, ILogger<StorageCommitmentScp> logger)
    : IDimseService
{
    /// <summary>So many instances of all requests that wait, on the average of a request's share.</summary>
    private const int ReferencesPerWaiting = 100;

    private readonly CommitmentCapacity _capacity = new(options.MaxWaiting, Math.Max(options.MaxReferences, options.MaxWaiting * ReferencesPerWaiting));

    public bool Performs(DimseRequest request) => request is NActionRequest { SopClassUid: StorageCommitment.SopClassUid };

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        NActionRequest action = (NActionRequest)operation.Request;
        ActionInformation information = await ReadAsync(action, operation, cancellationToken);
        CommitmentRequest request = new()
        {
            Provider = provider,
            CallingAeTitle = operation.Association.CallingAeTitle.Value,
            CalledAeTitle = operation.Association.CalledAeTitle.Value,
            TransactionUid = information.TransactionUid,
            References = information.References,
        };
        information = information.Status.IsSuccess ? await AddAsync(request, information, cancellationToken) : information;
        await RespondAsync(operation, action, information, cancellationToken);
        if (information.Status.IsSuccess)
        {
            LogRequested(request.References.Count, request.CallingAeTitle, request.TransactionUid);
            open.Add(request, operation.Association, operation.Context);
            signal.Raise();
        }
        else
        {
            LogRefused(request.CallingAeTitle, information.Status, information.Comment);
        }
    }

    private async Task<ActionInformation> ReadAsync(NActionRequest action, IncomingOperation operation, CancellationToken cancellationToken)
    {
        if (action.SopInstanceUid != StorageCommitment.SopInstanceUid)
        {
            return ActionInformation.Refuse(DimseStatus.NoSuchInstance, "Requested SOP Instance UID must be " + StorageCommitment.SopInstanceUid);
        }

        if (action.ActionTypeId != StorageCommitment.RequestAction)
        {
            return ActionInformation.Refuse(DimseStatus.NoSuchAction, "Action Type ID must be 1, Request Storage Commitment");
        }

        if (operation.DataSet is null)
        {
            return ActionInformation.Refuse(DimseStatus.InvalidArgument, "The request has no action information");
        }

        return await operation.DataSet.ReadAllAsync(cancellationToken) is { } bytes
            ? ActionInformation.Read(bytes, TransferSyntax.FromUid(operation.Context.TransferSyntax), options.MaxReferences)
            : ActionInformation.Refuse(DimseStatus.ResourceLimitation, "The action information is too long; ask in parts");
    }

    private async Task<ActionInformation> AddAsync(CommitmentRequest request, ActionInformation information, CancellationToken cancellationToken)
    {
        try
        {
            return await queue.AddAsync(request, options.ReportDelay, _capacity, cancellationToken)
                ? information
                : ActionInformation.Refuse(DimseStatus.ResourceLimitation, "Too many requests wait for their result; try again later");
        }
        catch (ManifestUnavailableException error)
        {
            return error.IsFull
                ? ActionInformation.Refuse(DimseStatus.ResourceLimitation, "No space is left")
                : ActionInformation.Refuse(DimseStatus.ProcessingFailure, "The store is not available; try again later");
        }
    }

    private static ValueTask RespondAsync(IncomingOperation operation, NActionRequest action, ActionInformation information, CancellationToken cancellationToken)
    {
        NActionResponse response = new()
        {
            Status = information.Status,
            ErrorComment = information.Comment is { } comment ? ErrorComment.Of(comment) : null,
            SopClassUid = StorageCommitment.SopClassUid,
            SopInstanceUid = StorageCommitment.SopInstanceUid,
            ActionTypeId = action.ActionTypeId,
        };
        return operation.RespondAsync(response, null, cancellationToken);
    }
}
