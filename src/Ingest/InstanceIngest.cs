using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Ingest;

/// <summary>The way of every instance into the system, whatever protocol brings it.</summary>
/// <remarks>
/// Three steps, and no answer before the first two: <see cref="InstanceReception"/> makes the object durable, then
/// <see cref="InstanceCommit"/> has the study grain commit the manifest, then the sender hears the <see cref="StoreResult"/>.
/// </remarks>
public sealed partial class InstanceIngest(
    IObjectStore objects, InstanceCommit commit, IngestLimits limits, HeaderBudget headers, TimeProvider time,
    ILogger<InstanceIngest> logger)
{
    /// <summary>Bytes of upload memory that an instance holds from the end of its bytes until its object is durable.</summary>
    public int UploadBytes => objects.UploadBytes;

    /// <summary>Stores one instance.</summary>
    /// <remarks>Failures of the instance or of a store are results; only what ends the whole request is thrown.</remarks>
    /// <exception cref="IOException">The peer is gone or too slow.</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled.</exception>
    public async Task<StoreResult> StoreAsync(IInstanceSource source, IngestContext context, CancellationToken cancellationToken)
    {
        StoreResult result = await TryStoreAsync(source, context, cancellationToken);
        if (result.Failure is { } failure)
        {
            LogRefused(result.SopInstance?.Value ?? "", failure, failure.Code(), result.Detail);
        }
        else
        {
            LogStored(result.Identity!.Study.Value, result.SopInstance!.Value.Value);
        }

        return result;
    }

    private async Task<StoreResult> TryStoreAsync(IInstanceSource source, IngestContext context, CancellationToken cancellationToken)
    {
        // The header lives until the commit: its share is returned last.
        using IDisposable? room = context.Room;
        using HeaderShare share = headers.Open();
        await using InstanceReception reception = new(objects, context, limits, share, time);
        try
        {
            ReceivedInstance received = await reception.ReceiveAsync(source, cancellationToken);
            return await commit.RunAsync(received, context, share, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && !source.EndsRequest(exception))
        {
            return Fail(exception, reception.Dataset);
        }
    }

    private StoreResult Fail(Exception exception, DicomDataset? dataset)
    {
        (StoreFailure failure, string detail) = exception switch
        {
            DicomParseException or InstanceSourceException => (StoreFailure.CannotUnderstand, exception.Message),
            InstanceRefusedException refused => (refused.Failure, refused.Message),
            HeaderBudgetException => (StoreFailure.ResourceLimitation, exception.Message),
            GrainOverloadedException => (StoreFailure.ResourceLimitation, "Too many instances of this study wait: send again later."),
            ObjectStoreException { Fault: ObjectStoreFault.Full } =>
                (StoreFailure.OutOfResources, "The object store is full: free space, then send again."),
            ObjectStoreException => (StoreFailure.Unavailable, "The object store cannot take the instance now: send again later."),
            ManifestUnavailableException { IsFull: true } =>
                (StoreFailure.OutOfResources, "The manifest store is full: free space, then send again."),
            ManifestUnavailableException =>
                (StoreFailure.Unavailable, "The manifest store cannot take the instance now: send again later."),
            _ => (StoreFailure.ProcessingFailure, "The instance could not be processed; the server's log has the error."),
        };
        if (exception is ObjectStoreException or ManifestUnavailableException)
        {
            LogStoreFault(exception.Message, exception);
        }
        else if (failure == StoreFailure.ProcessingFailure)
        {
            LogFault(exception);
        }

        return StoreResult.Failed(failure, detail, dataset);
    }

    [LoggerMessage(4100, LogLevel.Debug, "Stored instance {SopInstanceUid} of study {StudyInstanceUid}")]
    private partial void LogStored(string studyInstanceUid, string sopInstanceUid);

    [LoggerMessage(4101, LogLevel.Debug, "Refused instance '{SopInstanceUid}': {Failure} ({Code:X4}). {Detail}")]
    private partial void LogRefused(string sopInstanceUid, StoreFailure failure, ushort code, string detail);

    [LoggerMessage(4102, LogLevel.Warning, "A store failed while an instance was taken in: {Fault}")]
    private partial void LogStoreFault(string fault, Exception exception);

    [LoggerMessage(4103, LogLevel.Error, "An instance could not be processed")]
    private partial void LogFault(Exception exception);
}
