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

/// <summary>Commits an instance whose object is durable: the second step of <see cref="InstanceIngest"/>.</summary>
/// <remarks>
/// A row is no proof of its object. So the answer "stored already" is passed on only after a look at the committed object; if that is
/// damaged, the new object takes its place. The new object is deleted if no commit was sent, or if the row names another object that is
/// good. Everything else is left to the sweeper: the new object may still be committed, or may be the only good one.
/// </remarks>
public sealed partial class InstanceCommit(
    IObjectStore objects, IGrainFactory grains, ContentComparer comparer, DamageReports reports, TimeProvider time,
    ILogger<InstanceCommit> logger)
{
    private const int MaxLooks = 3;

    /// <summary>Asks the study grain until its answer holds.</summary>
    /// <exception cref="ObjectStoreException">The store cannot tell whether the committed object is good.</exception>
    /// <exception cref="ManifestUnavailableException">Nothing is known to be committed.</exception>
    /// <exception cref="GrainOverloadedException">Too many calls wait.</exception>
    /// <exception cref="HeaderBudgetException">There was no memory to compare with the stored header.</exception>
    internal async Task<StoreResult> RunAsync(
        ReceivedInstance received, IngestContext context, HeaderShare share, CancellationToken cancellationToken)
    {
        InstanceArrival arrival = await BuildAsync(received, context, share);
        IStudyGrain study = grains.GetStudyGrain(arrival.Study);
        bool mayBeCommitted = false;
        bool mayCommitLater = false;
        StoreAnswer answer;
        try
        {
            for (int looks = 0; ; looks++)
            {
                mayBeCommitted = true;
                answer = await study.StoreInstanceAsync(arrival, cancellationToken);
                mayCommitLater |= answer.MayCommitLater;
                if (Believed(answer) is not { } stored || stored.Object == arrival.State.Object)
                {
                    break;
                }

                if (looks == MaxLooks)
                {
                    return StoreResult.Failed(
                        StoreFailure.Unavailable,
                        "The stored instance changed again and again while it was looked at: send again later.",
                        received.Parsed.Dataset);
                }

                Damage damage = await objects.LookAsync(stored, cancellationToken);
                if (damage == Damage.None && answer.Outcome != StoreAnswer.Kind.CompareContent)
                {
                    break;
                }

                if (damage == Damage.None)
                {
                    mayBeCommitted = mayCommitLater;
                    bool isEqual = await comparer.AreEqualAsync(
                        stored,
                        arrival.State,
                        (bytes, token) => share.RequireAsync(received.Parsed.MemoryBytes + bytes, token),
                        cancellationToken);
                    damage = isEqual ? Damage.None : await VerifyAsync(stored, cancellationToken);
                    arrival = arrival with { Comparison = new ContentComparison(stored.Hash, isEqual) };
                }

                if (damage != Damage.None)
                {
                    arrival = arrival with { DamagedObject = stored.Object, Comparison = null };
                    await reports.ReportAsync(stored, damage, cancellationToken);
                }
            }
        }
        catch (Exception exception) when (!mayCommitLater
            && arrival.DamagedObject is null
            && (!mayBeCommitted || exception is GrainOverloadedException))
        {
            await DeleteAsync(received.Key);
            throw;
        }

        if (answer.Committed is { } committed
            && committed.Object != received.Key
            && committed.Object != arrival.DamagedObject
            && !mayCommitLater)
        {
            await DeleteAsync(received.Key);
        }

        return Conclude(answer, arrival, received);
    }

    /// <summary>Makes what the grain decides about, and lets go of everything else that the header held.</summary>
    private async Task<InstanceArrival> BuildAsync(ReceivedInstance received, IngestContext context, HeaderShare share)
    {
        try
        {
            InstanceArrival arrival = ArrivalBuilder.Build(received, context, time.GetUtcNow());
            received.ForgetValues();
            share.Shrink(arrival.Content.Metadata.Length);
            return arrival;
        }
        catch
        {
            await DeleteAsync(received.Key);
            throw;
        }
    }

    /// <summary>Returns the committed row by which the arriving object is not needed, null if the answer names none.</summary>
    private static InstanceState? Believed(StoreAnswer answer)
        => answer.Outcome
            is StoreAnswer.Kind.Duplicate or StoreAnswer.Kind.KeptFirst or StoreAnswer.Kind.Rejected or StoreAnswer.Kind.CompareContent
            ? answer.Committed
            : null;

    /// <summary>Verifies the stored bytes: only if they are good does the difference come from the sender.</summary>
    private async Task<Damage> VerifyAsync(InstanceState stored, CancellationToken cancellationToken)
    {
        try
        {
            return (await ObjectDigest.ReadAsync(
                objects, stored, withHash: stored.ObjectChecksum is null, rate: null, cancellationToken)).Compare(stored);
        }
        catch (ObjectStoreException exception) when (exception.Fault == ObjectStoreFault.NotFound)
        {
            return Damage.Missing;
        }
    }

    private StoreResult Conclude(StoreAnswer answer, InstanceArrival arrival, ReceivedInstance received)
    {
        if (arrival.DamagedObject is { } damaged
            && answer.Committed is { } committed
            && committed.Object == received.Key
            && answer.Outcome != StoreAnswer.Kind.Added)
        {
            reports.ReportRepair(arrival.Study, committed, damaged, answer.Outcome == StoreAnswer.Kind.Replaced);
        }

        StoreWarning? warning = StoreWarnings.Of(received.Parsed, received.Identity);
        DicomDataset dataset = received.Parsed.Dataset;
        return answer.Outcome switch
        {
            StoreAnswer.Kind.Added or StoreAnswer.Kind.Replaced or StoreAnswer.Kind.Duplicate or StoreAnswer.Kind.Repaired =>
                StoreResult.Stored(received.Identity, warning),
            StoreAnswer.Kind.KeptFirst => StoreResult.Stored(received.Identity, StoreWarning.Coercion),
            StoreAnswer.Kind.Rejected => StoreResult.Failed(
                StoreFailure.DuplicateInstance,
                "Other content is stored under this SOP Instance UID: delete it first, or give the new content a UID of its own.",
                dataset),
            StoreAnswer.Kind.UploadTooOld =>
                StoreResult.Failed(StoreFailure.Unavailable, "The upload took more than six hours: send again.", dataset),
            _ => StoreResult.Failed(StoreFailure.ProcessingFailure, "The manifest cannot keep a value of this instance.", dataset),
        };
    }

    /// <summary>Deletes an object that is not needed; if that fails, the sweeper does it later.</summary>
    private async Task DeleteAsync(ObjectKey key)
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

    [LoggerMessage(4104, LogLevel.Warning, "Object {Key} is not needed and could not be deleted; the sweeper will")]
    private partial void LogLeftBehind(string key, Exception exception);
}

/// <summary>Chooses the oddity of an instance that its sender hears of.</summary>
internal static class StoreWarnings
{
    private static readonly DicomParseWarning[] Discarded =
        [
            DicomParseWarning.DuplicateElement,
            DicomParseWarning.TrailingBytes,
            DicomParseWarning.StrippedHead,
            DicomParseWarning.MetaInDataSet
        ];

    /// <summary>Returns the gravest one, null for none. A missing preamble is no oddity of the data set.</summary>
    public static StoreWarning? Of(ParsedInstance parsed, InstanceIdentity identity)
    {
        if (parsed.Warnings.Overlaps(Discarded))
        {
            return StoreWarning.ElementsDiscarded;
        }

        bool isOdd = parsed.Warnings.Any(warning => warning != DicomParseWarning.MissingPreamble);
        return isOdd
            || Differs(parsed.Meta.MediaStorageSopClassUid, identity.SopClass.Value)
            || Differs(parsed.Meta.MediaStorageSopInstanceUid, identity.Sop.Value)
            ? StoreWarning.DataSetMismatch
            : null;
    }

    private static bool Differs(string? announced, string found) => !string.IsNullOrEmpty(announced) && announced != found;
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
