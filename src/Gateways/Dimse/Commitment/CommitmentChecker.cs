using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>
/// Checks which instances are safe: the manifest has them with that SOP class, and their object exists in full and undamaged.
/// </summary>
internal sealed class CommitmentChecker(IManifestQuery manifest, IObjectStore objects, DamageReports reports)
{
    private const int BatchSize = 1000;
    private const int ParallelLookups = 8;

    /// <summary>Checks all references of a request.</summary>
    /// <exception cref="ManifestUnavailableException">The store does not answer now.</exception>
    /// <exception cref="ObjectStoreException">The store does not answer now.</exception>
    public async Task<CommitmentResult> CheckAsync(CommitmentRequest request, CancellationToken cancellationToken)
    {
        List<CommitmentReference> committed = new(request.References.Count);
        List<CommitmentFailure> failed = [];
        foreach (CommitmentReference[] batch in request.References.Chunk(BatchSize))
        {
            CommitmentFailureReason?[] reasons = await CheckAsync(request.Provider, batch, cancellationToken);
            for (int index = 0; index < batch.Length; index++)
            {
                if (reasons[index] is { } reason)
                {
                    failed.Add(new CommitmentFailure(batch[index], reason));
                }
                else
                {
                    committed.Add(batch[index]);
                }
            }
        }

        return new CommitmentResult(committed, failed);
    }

    /// <summary>Checks a batch; returns one reason for each reference, null if it is safe.</summary>
    private async Task<CommitmentFailureReason?[]> CheckAsync(
        ProviderName provider, CommitmentReference[] references, CancellationToken cancellationToken)
    {
        IReadOnlyList<InstanceState> found =
            await manifest.FindInstancesAsync(provider, [.. references.Select(reference => reference.Sop)], cancellationToken);
        ILookup<SopInstanceUid, InstanceState> stored = found.ToLookup(instance => instance.Id.Sop);
        CommitmentFailureReason?[] reasons = new CommitmentFailureReason?[references.Length];
        await Parallel.ForAsync(
            0,
            references.Length,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelLookups, CancellationToken = cancellationToken },
            async (index, token) => reasons[index] = await CheckAsync(references[index], stored[references[index].Sop], token));
        return reasons;
    }

    /// <summary>Checks one reference. A SOP Instance UID that occurs in several series is safe if one of them is.</summary>
    private async ValueTask<CommitmentFailureReason?> CheckAsync(
        CommitmentReference reference, IEnumerable<InstanceState> stored, CancellationToken cancellationToken)
    {
        CommitmentFailureReason reason = CommitmentFailureReason.NoSuchObjectInstance;
        foreach (InstanceState instance in stored)
        {
            if (instance.SopClass != reference.SopClass)
            {
                reason = reason == CommitmentFailureReason.ProcessingFailure ? reason : CommitmentFailureReason.ClassInstanceConflict;
                continue;
            }

            Damage damage = await objects.LookAsync(instance, cancellationToken);
            if (damage == Damage.None)
            {
                return null;
            }

            await reports.ReportAsync(instance, damage, cancellationToken);
            reason = CommitmentFailureReason.ProcessingFailure;
        }

        return reason;
    }
}

/// <summary>An instance that is not safe here.</summary>
internal readonly record struct CommitmentFailure(CommitmentReference Reference, CommitmentFailureReason Reason);

/// <summary>Failure Reason (0008,1197) of a reference (PS3.3 section C.14.1.1).</summary>
internal enum CommitmentFailureReason : ushort
{
    /// <summary>It is in the manifest, but its object is missing or damaged.</summary>
    ProcessingFailure = 0x0110,

    /// <summary>It was never stored, or is deleted.</summary>
    NoSuchObjectInstance = 0x0112,

    /// <summary>It is stored as an instance of another SOP class.</summary>
    ClassInstanceConflict = 0x0119,
}
