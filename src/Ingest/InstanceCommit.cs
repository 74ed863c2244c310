using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Ingest;

/// <summary>
/// Commits an instance whose object is durable. The answer that it is stored already is passed on only after a look at the committed
/// object, because a row is no proof of its object; where that object is damaged the new one takes its place.
/// </summary>
/// <remarks>
/// The new object is deleted before a commit was sent, or when the row names another object that is good. Everything else is left to the
/// sweeper: the new object may still be committed, or may be the only good one.
/// </remarks>
internal sealed class InstanceCommit(
    IObjectStore objects, IGrainFactory grains, ContentComparer comparer, DamageReports reports, Func<ObjectKey, Task> deleteObject)
{
    private const int MaxLooks = 3;

    /// <summary>Lets the study grain decide until its answer holds.</summary>
    /// <exception cref="ObjectStoreException">The store cannot tell whether the committed object is good.</exception>
    /// <exception cref="ManifestUnavailableException">Nothing is known to be committed.</exception>
    /// <exception cref="GrainOverloadedException">Too many calls wait.</exception>
    /// <exception cref="HeaderBudgetException">There was no memory to compare with the stored header.</exception>
    public async Task<StoreResult> RunAsync(
        ReceivedInstance received, InstanceArrival arrival, HeaderShare share, CancellationToken cancellationToken)
    {
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
                if (damage == Damage.None && answer.Outcome != StoreOutcome.CompareContent)
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
            await deleteObject(received.Key);
            throw;
        }

        if (answer.Committed is { } committed
            && committed.Object != received.Key
            && committed.Object != arrival.DamagedObject
            && !mayCommitLater)
        {
            await deleteObject(received.Key);
        }

        return Conclude(answer, arrival, received);
    }

    /// <summary>The committed row that the answer takes as proof that the arriving object is not needed; null where it does not.</summary>
    private static InstanceState? Believed(StoreAnswer answer)
        => answer.Outcome is StoreOutcome.Duplicate or StoreOutcome.KeptFirst or StoreOutcome.Rejected or StoreOutcome.CompareContent
            ? answer.Committed
            : null;

    /// <summary>What differs is the sender's content only where the stored bytes are those that were once stored.</summary>
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
            && answer.Outcome != StoreOutcome.Added)
        {
            reports.ReportRepair(arrival.Study, committed, damaged, answer.Outcome == StoreOutcome.Replaced);
        }

        StoreWarning? warning = StoreWarnings.Of(received.Parsed, received.Identity);
        DicomDataset dataset = received.Parsed.Dataset;
        return answer.Outcome switch
        {
            StoreOutcome.Added or StoreOutcome.Replaced or StoreOutcome.Duplicate or StoreOutcome.Repaired =>
                StoreResult.Stored(received.Identity, warning),
            StoreOutcome.KeptFirst => StoreResult.Stored(received.Identity, StoreWarning.Coercion),
            StoreOutcome.Rejected => StoreResult.Failed(
                StoreFailure.DuplicateInstance,
                "Other content is stored under this SOP Instance UID: delete it first, or give the new content a UID of its own.",
                dataset),
            StoreOutcome.UploadTooOld =>
                StoreResult.Failed(StoreFailure.Unavailable, "The upload took more than six hours: send again.", dataset),
            _ => StoreResult.Failed(StoreFailure.ProcessingFailure, "The manifest cannot keep a value of this instance.", dataset),
        };
    }
}

/// <summary>Which oddities of an instance its sender is told of.</summary>
internal static class StoreWarnings
{
    private static readonly DicomParseWarning[] Discarded =
        [
            DicomParseWarning.DuplicateElement,
            DicomParseWarning.TrailingBytes,
            DicomParseWarning.StrippedHead,
            DicomParseWarning.MetaInDataSet
        ];

    /// <summary>The gravest one, null for none. A missing preamble says nothing about the data set.</summary>
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
