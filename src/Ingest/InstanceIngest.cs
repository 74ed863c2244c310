using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.Interchange;
using ImagingIngestion.Dicom.Json;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Ingest;

/// <summary>
/// The way of every instance into the system, whatever protocol brings it: object durable, then manifest committed
/// (<see cref="InstanceCommit"/>), then the answer.
/// </summary>
public sealed partial class InstanceIngest(
    IObjectStore objects, IGrainFactory grains, DamageReports reports, IngestLimits limits, HeaderBudget headers, TimeProvider time,
    ILogger<InstanceIngest> logger)
{
    private readonly ContentComparer _comparer = new(objects, limits.Reader);

    /// <summary>Bytes of upload memory that an instance holds from the end of its bytes until its object is durable.</summary>
    public int UploadBytes => objects.UploadBytes;

    /// <summary>
    /// Stores one instance. Failures of the instance or of a store are results; only what ends the whole request is thrown.
    /// </summary>
    /// <exception cref="IOException">The peer is gone or too slow.</exception>
    /// <exception cref="OperationCanceledException">The request is.</exception>
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
            return await CommitAsync(received, context, share, cancellationToken);
        }
        catch (DicomParseException exception)
        {
            return StoreResult.Failed(StoreFailure.CannotUnderstand, exception.Message, reception.Dataset);
        }
        catch (InstanceSourceException exception)
        {
            return StoreResult.Failed(StoreFailure.CannotUnderstand, exception.Message, reception.Dataset);
        }
        catch (InstanceRefusedException exception)
        {
            return StoreResult.Failed(exception.Failure, exception.Message, reception.Dataset);
        }
        catch (ObjectStoreException exception)
        {
            LogStoreFault(exception.Message, exception);
            return exception.Fault == ObjectStoreFault.Full
                ? StoreResult.Failed(
                    StoreFailure.OutOfResources, "The object store is full: free space, then send again.", reception.Dataset)
                : StoreResult.Failed(
                    StoreFailure.Unavailable, "The object store cannot take the instance now: send again later.", reception.Dataset);
        }
        catch (ManifestUnavailableException exception)
        {
            LogStoreFault(exception.Message, exception);
            return exception.IsFull
                ? StoreResult.Failed(
                    StoreFailure.OutOfResources, "The manifest store is full: free space, then send again.", reception.Dataset)
                : StoreResult.Failed(
                    StoreFailure.Unavailable, "The manifest store cannot take the instance now: send again later.", reception.Dataset);
        }
        catch (HeaderBudgetException exception)
        {
            return StoreResult.Failed(StoreFailure.ResourceLimitation, exception.Message, reception.Dataset);
        }
        catch (GrainOverloadedException)
        {
            return StoreResult.Failed(
                StoreFailure.ResourceLimitation, "Too many instances of this study wait: send again later.", reception.Dataset);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && !source.EndsRequest(exception))
        {
            LogFault(exception);
            return StoreResult.Failed(
                StoreFailure.ProcessingFailure, "The instance could not be processed; the server's log has the error.", reception.Dataset);
        }
    }

    private async Task<StoreResult> CommitAsync(
        ReceivedInstance received, IngestContext context, HeaderShare share, CancellationToken cancellationToken)
    {
        InstanceArrival arrival;
        try
        {
            arrival = ArrivalBuilder.Build(received, context, time.GetUtcNow());
            received.ForgetValues();
            share.Shrink(arrival.Content.Metadata.Length);
        }
        catch
        {
            await DeleteObjectAsync(received.Key);
            throw;
        }

        return await new InstanceCommit(objects, grains, _comparer, reports, DeleteObjectAsync).RunAsync(
            received, arrival, share, cancellationToken);
    }

    /// <summary>A failure leaves the object to the sweeper.</summary>
    private async Task DeleteObjectAsync(ObjectKey key)
    {
        try
        {
            await objects.DeleteAsync(key, CancellationToken.None);
        }
        catch (ObjectStoreException exception)
        {
            LogLeftBehind(key.Value, exception);
        }
    }

    [LoggerMessage(4100, LogLevel.Debug, "Stored instance {SopInstanceUid} of study {StudyInstanceUid}")]
    private partial void LogStored(string studyInstanceUid, string sopInstanceUid);

    [LoggerMessage(4101, LogLevel.Debug, "Refused instance '{SopInstanceUid}': {Failure} ({Code:X4}). {Detail}")]
    private partial void LogRefused(string sopInstanceUid, StoreFailure failure, ushort code, string detail);

    [LoggerMessage(4102, LogLevel.Warning, "A store failed while an instance was taken in: {Fault}")]
    private partial void LogStoreFault(string fault, Exception exception);

    [LoggerMessage(4103, LogLevel.Error, "An instance could not be processed")]
    private partial void LogFault(Exception exception);

    [LoggerMessage(4104, LogLevel.Warning, "Object {Key} is not needed and could not be deleted; the sweeper will")]
    private partial void LogLeftBehind(string key, Exception exception);
}

/// <summary>Makes what the study grain and the manifest keep out of an instance that was received.</summary>
internal static class ArrivalBuilder
{
    public static InstanceArrival Build(ReceivedInstance received, IngestContext context, DateTimeOffset now)
    {
        InstanceLayout layout = InstanceLayout.Of(received.Parsed);
        DicomDataset dataset = WithoutFileMeta(received.Parsed.Dataset);
        SplitAttributes attributes = AttributeLevels.Split(dataset);
        InstanceIdentity identity = received.Identity;
        return new InstanceArrival
        {
            Study = new StudyKey(context.Provider, identity.Study),
            State = new InstanceState
            {
                Id = new InstanceId(identity.Series, identity.Sop),
                SopClass = identity.SopClass,
                TransferSyntaxUid = received.Parsed.TransferSyntax.Uid,
                Hash = ContentHash.FromBytes(received.Parsed.Hash.Span),
                Object = received.Key,
                ObjectLength = received.ObjectLength,
                DataSetOffset = received.HeadLength,
                ObjectChecksum = received.ObjectChecksum,
                StoredAt = now,
            },
            Content = new InstanceContent
            {
                Attributes = attributes.Instance,
                Metadata = DicomJsonMetadata.Compress(dataset, new DicomModelWriterOptions { BulkDataUri = UriOf }),
                Layout = layout.ToBytes(),
            },
            StudyAttributes = attributes.Study,
            SeriesAttributes = attributes.Series,
            UploadBegan = received.UploadBegan,
            CallingAeTitle = context.CallingAeTitle,
        };

        string? UriOf(DicomElement element, string path) => layout.BulkDataUri(received.Parsed.TransferSyntax, element, path);
    }

    /// <summary>
    /// Group 0002 is no part of a data set (PS3.18 F.2.1.1.1), though some senders put it there; the stored bytes keep it.
    /// </summary>
    private static DicomDataset WithoutFileMeta(DicomDataset dataset)
    {
        dataset.RemoveAll(element => element.Tag.Group <= 0x0002);
        return dataset;
    }
}
