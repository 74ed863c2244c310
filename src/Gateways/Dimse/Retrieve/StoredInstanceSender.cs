using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>
/// Performs one sub-operation of a C-GET or C-MOVE: a C-STORE whose data set streams from the object store to the association.
/// </summary>
/// <remarks>Faults are detected before the first byte is sent where possible, because an incomplete message ends its association.</remarks>
internal sealed partial class StoredInstanceSender(
    IManifestQuery manifest, VerifiedObjects objects, HeaderBudget headers, WadoOptions wado, ServedSpace space,
    IOptions<IngestOptions> options,
    TimeProvider time, ILogger<StoredInstanceSender> logger)
{
    private readonly IngestOptions _options = options.Value;
    private static readonly byte[] Padding = [0];

    /// <summary>Performs the attempt and returns its result. Throws only on cancellation and on unforeseen faults.</summary>
    /// <param name="association">An association on which this side is SCU of storage.</param>
    /// <param name="item">The instance.</param>
    /// <param name="originator">The C-MOVE of the sub-operation; null for a C-GET.</param>
    /// <param name="cancellationToken">Ends the sub-operation, and the association if bytes were already sent.</param>
    public async Task<SubOperationResult> SendAsync(
        Association association, RetrieveItem item, MoveOriginator? originator, CancellationToken cancellationToken)
    {
        using Deadline deadline = new(_options.RequestDeadline, time, cancellationToken);
        string peer = PeerOf(association);
        try
        {
            return await SendCoreAsync(association, item, originator, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.HasExpired)
        {
            LogTooSlow(item.Id.Sop.Value, peer, _options.RequestDeadline);
            await association.AbortAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is AssociationException or HeaderBudgetException)
        {
            LogLost(item.Id.Sop.Value, peer, exception.Message);
        }
        catch (Exception exception) when (exception is ObjectStoreException or ObjectDamagedException
            or ManifestUnavailableException or DicomParseException or IOException or InvalidDataException)
        {
            LogUnreadable(item.Id.Sop.Value, peer, exception.Message);
        }

        return SubOperationResult.Failed;
    }

    private async Task<SubOperationResult> SendCoreAsync(
        Association association, RetrieveItem item, MoveOriginator? originator, CancellationToken cancellationToken)
    {
        if (await FindAsync(item, cancellationToken) is not { State: var instance } stored)
        {
            LogGone(item.Id.Sop.Value, PeerOf(association));
            return SubOperationResult.Failed;
        }

        if (StorageContexts.Choose(
            association.Contexts, instance.SopClass.Value, instance.TransferSyntaxUid, stored.Encoding.IsIrregular) is not { } context)
        {
            LogNoContext(item.Id.Sop.Value, PeerOf(association), instance.SopClass.Value, instance.TransferSyntaxUid);
            return SubOperationResult.Failed;
        }

        // Fragments have an even length (PS3.8 section 9.3.5.1): some peers abort the association at an odd one.
        long length = instance.ObjectLength - instance.DataSetOffset;
        bool isOdd = (length & 1) == 1;
        bool isPadded = isOdd && TransferSyntax.FromUid(context.TransferSyntax).IsDeflated;
        if (isOdd && !isPadded && !stored.Encoding.IsIrregular && !StorageContexts.IsReencodable(context.TransferSyntax))
        {
            LogOdd(item.Id.Sop.Value, PeerOf(association), context.TransferSyntax);
            return SubOperationResult.Failed;
        }

        if ((isOdd && !isPadded) || context.TransferSyntax != instance.TransferSyntaxUid || stored.Encoding.IsIrregular)
        {
            DataSetTranscoder transcoder = new(
                objects, headers, wado.Reader, TransferSyntax.FromUid(context.TransferSyntax), stored.Encoding);
            using PreparedDataSet prepared = await transcoder.PrepareAsync(instance, cancellationToken);
            return await StoreAsync(
                association,
                context,
                item,
                originator,
                (target, token) => transcoder.WriteDataSetAsync(instance, prepared, target, token),
                cancellationToken);
        }

        await using Stream content = await objects.OpenDataSetAsync(instance, cancellationToken);
        return await StoreAsync(association, context, item, originator, CopyAsync, cancellationToken);

        async Task CopyAsync(Stream target, CancellationToken token)
        {
            await StreamCopy.ToStreamAsync(content, length, target, token);
            if (isPadded)
            {
                // A deflated stream of odd length is padded with a NUL (PS3.5 section A.5).
                await target.WriteAsync(Padding, token);
            }
        }
    }

    private async Task<SubOperationResult> StoreAsync(
        Association association, NegotiatedContext context, RetrieveItem item, MoveOriginator? originator,
        Func<Stream, CancellationToken, Task> dataSet, CancellationToken cancellationToken)
    {
        CStoreRequest request = new()
        {
            SopClassUid = context.AbstractSyntax,
            SopInstanceUid = item.Id.Sop.Value,
            MoveOriginatorAeTitle = originator?.AeTitle.Value,
            MoveOriginatorMessageId = originator?.MessageId,
        };
        CStoreResponse response = await StorageScu.StoreAsync(association, context, request, dataSet, cancellationToken);
        if (response.Status.IsSuccess)
        {
            return SubOperationResult.Completed;
        }

        LogAnswered(item.Id.Sop.Value, PeerOf(association), response.Status.Code);
        return response.Status.IsWarning ? SubOperationResult.Warning : SubOperationResult.Failed;
    }

    /// <summary>Reads the current row: the instance may have another object since the instances were counted.</summary>
    private async Task<StoredInstance?> FindAsync(RetrieveItem item, CancellationToken cancellationToken)
    {
        RetrieveScope scope = new(new StudyKey(space.Provider, item.Study), item.Id.Series, item.Id.Sop);
        await foreach (StoredInstance stored in manifest.RetrieveAsync(scope, StoredInstanceParts.Encoding, cancellationToken))
        {
            return stored;
        }

        return null;
    }

    private static string PeerOf(Association association)
        => (association.IsRequestor ? association.CalledAeTitle : association.CallingAeTitle).Value;

    [LoggerMessage(4536, LogLevel.Warning, "Instance {SopInstanceUid} could not be sent to {Peer}: {Why}")]
    private partial void LogLost(string sopInstanceUid, string peer, string why);

    [LoggerMessage(
        4537, LogLevel.Warning, "Instance {SopInstanceUid} could not be sent to {Peer}, because its stored object cannot be read: {Why}")]
    private partial void LogUnreadable(string sopInstanceUid, string peer, string why);

    [LoggerMessage(
        4538, LogLevel.Warning, "Sending instance {SopInstanceUid} to {Peer} took longer than {Deadline}; the association is aborted")]
    private partial void LogTooSlow(string sopInstanceUid, string peer, TimeSpan deadline);

    [LoggerMessage(4539, LogLevel.Information, "Instance {SopInstanceUid} could not be sent to {Peer}: it was deleted meanwhile")]
    private partial void LogGone(string sopInstanceUid, string peer);

    [LoggerMessage(4540, LogLevel.Information, "Instance {SopInstanceUid} could not be sent to {Peer}: no presentation context for SOP "
        + "class {SopClassUid} takes what is stored in {TransferSyntaxUid}")]
    private partial void LogNoContext(string sopInstanceUid, string peer, string sopClassUid, string transferSyntaxUid);

    [LoggerMessage(4541, LogLevel.Information, "{Peer} answered {Status:X4} to instance {SopInstanceUid}")]
    private partial void LogAnswered(string sopInstanceUid, string peer, ushort status);

    [LoggerMessage(4544, LogLevel.Information, "Instance {SopInstanceUid} could not be sent to {Peer}: its data set is of odd length, "
        + "which is only mended in Explicit or Implicit VR Little Endian and not in {TransferSyntaxUid}")]
    private partial void LogOdd(string sopInstanceUid, string peer, string transferSyntaxUid);
}

/// <summary>The requestor of a C-MOVE, as its C-STOREs name it: (0000,1030) and (0000,1031).</summary>
internal sealed record MoveOriginator(AeTitle AeTitle, ushort MessageId);

/// <summary>One sub-operation to perform.</summary>
/// <remarks>It holds no more than the identity and what chooses a presentation context, because there may be tens of thousands.</remarks>
internal readonly record struct RetrieveItem(StudyInstanceUid Study, InstanceId Id, string SopClassUid, string TransferSyntaxUid);

/// <summary>The outcome of one sub-operation of a C-GET or C-MOVE.</summary>
internal enum SubOperationResult
{
    Completed,

    /// <summary>Stored with a warning of the peer.</summary>
    Warning,

    Failed,
}
