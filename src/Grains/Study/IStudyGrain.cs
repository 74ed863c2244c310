using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Revisions;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Study;

/// <summary>A study: one activation per (provider, study) decides about its instances, one turn at a time (design D1).</summary>
public interface IStudyGrain
{
    /// <summary>Decides about an instance; completes after the decision is durable.</summary>
    /// <exception cref="ManifestUnavailableException">Nothing was committed, or it is not known; the sender must send again.</exception>
    /// <exception cref="GrainOverloadedException">Too many calls wait; try later.</exception>
    Task<StoreAnswer> StoreInstanceAsync(InstanceArrival arrival, CancellationToken cancellationToken);

    /// <summary>Deletes instances; completes after it is durable. Answers how many were deleted, 0 when there was nothing.</summary>
    Task<int> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Closes the revision of a claim; completes after it is durable. False when the claim was lost, the revision is not due any more, or
    /// is closed already.
    /// </summary>
    Task<bool> ReviseAsync(RevisionClaim claim, CancellationToken cancellationToken);
}
