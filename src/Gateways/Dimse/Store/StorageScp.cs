using System.Net;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Gateways.Admission;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Dimse.Store;

/// <summary>
/// Storage as SCP (PS3.4 annex B): the data set goes from the connection straight into the ingest pipeline, and success is answered after the commit of
/// the manifest. Statuses come from the table that STOW-RS answers from.
/// </summary>
public sealed partial class StorageScp(InstanceIngest ingest, UploadAdmission admission, DicomWebOptions space, IngestOptions options, TimeProvider time, ILogger<StorageScp> logger) : IDimseService
{
    public bool Performs(DimseRequest request) => request is CStoreRequest;

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        CStoreRequest request = (CStoreRequest)operation.Request;
        using CancellationTokenSource deadline = new(options.RequestDeadline, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        StoreResult result;
        try
        {
            result = await StoreAsync(operation, request, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            LogTooSlow(operation.Association.CallingAeTitle.Value, options.RequestDeadline);
            await operation.Association.AbortAsync(cancellationToken);
            return;
        }

        await operation.RespondAsync(Answer(request, result), null, cancellationToken);
        LogAnswer(operation, result);
    }

    private async Task<StoreResult> StoreAsync(IncomingOperation operation, CStoreRequest request, CancellationToken cancellationToken)
    {
        if (operation.DataSet is not { } dataSet)
        {
            return StoreResult.Failed(StoreFailure.CannotUnderstand, "The command came without a data set");
        }

        DataSetSource source = new(dataSet);
        await source.WaitForBytesAsync(cancellationToken);
        IPAddress? address = (operation.Association.RemoteEndPoint as IPEndPoint)?.Address;
        using FairPlace? place = await admission.TryQueueAsync(address, operation.Association.CallingAeTitle.Value, cancellationToken);
        if (place is null)
        {
            return StoreResult.Failed(StoreFailure.ResourceLimitation, "Too many instances arrive at once: send again later");
        }

        source.Pace = place.Pace;
        IngestContext context = new(space.Provider)
        {
            DataSetSyntax = operation.Context.TransferSyntax,
            ExpectedSopClass = request.SopClassUid,
            ExpectedSopInstance = request.SopInstanceUid,
            Room = place,
            CallingAeTitle = operation.Association.CallingAeTitle.Value,
        };
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(place.Revoked, cancellationToken);
        try
        {
            return await ingest.StoreAsync(source, context, either.Token);
        }
        catch (OperationCanceledException) when (place.Loss is not null && !cancellationToken.IsCancellationRequested)
        {
            return StoreResult.Failed(StoreFailure.ResourceLimitation, place.Loss == PlaceLoss.TooSlow
                ? "Others waited while this came slowly: send again later"
                : "Others wait and this peer has more than its share: send later");
        }
    }

    private static CStoreResponse Answer(CStoreRequest request, StoreResult result)
    {
        ushort status = result.Failure?.StoreStatus() ?? (ushort)(result.Warning ?? 0);
        return new CStoreResponse
        {
            Status = new DimseStatus(status),
            SopClassUid = request.SopClassUid.Length > 0 ? request.SopClassUid : result.SopClass?.Value,
            SopInstanceUid = request.SopInstanceUid.Length > 0 ? request.SopInstanceUid : result.SopInstance?.Value,
            ErrorComment = result.IsStored ? null : ErrorComment.Of(result.Detail),
        };
    }

    private void LogAnswer(IncomingOperation operation, StoreResult result)
    {
        if (result.Failure is { } failure)
        {
            LogRefused(operation.Association.CallingAeTitle.Value, result.SopInstance?.Value ?? "", failure, failure.StoreStatus(), result.Detail);
        }
    }
}
