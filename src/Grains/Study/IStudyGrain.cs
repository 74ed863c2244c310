using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
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

/// <summary>The mailbox of a grain, or the silo's commit queue, is full: try later.</summary>
public sealed class GrainOverloadedException() : Exception("Too many requests wait for this study; send again later.");

/// <summary>Gives callers a reference to a grain; whether it lives here or in another silo is the host's business.</summary>
public interface IGrainFactory
{
    IStudyGrain GetStudyGrain(StudyKey key);
}

/// <summary>Gives references to the grains of this silo. A reference costs nothing and never grows stale.</summary>
internal sealed class GrainFactory(ActivationDirectory directory) : IGrainFactory
{
    public IStudyGrain GetStudyGrain(StudyKey key) => new StudyGrainReference(key, directory);
}

/// <summary>A study as its callers see it: finds or makes the activation on each call.</summary>
internal sealed class StudyGrainReference(StudyKey key, ActivationDirectory directory) : IStudyGrain
{
    public Task<StoreAnswer> StoreInstanceAsync(InstanceArrival arrival, CancellationToken cancellationToken)
        => directory.CallAsync(key, new StoreTurn(arrival, new TurnCaller(cancellationToken)), cancellationToken);

    public Task<int> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken)
        => directory.CallAsync(key, new DeleteTurn(request, new TurnCaller(cancellationToken)), cancellationToken);

    public Task<bool> ReviseAsync(RevisionClaim claim, CancellationToken cancellationToken)
        => directory.CallAsync(key, new ReviseTurn(claim, new TurnCaller(cancellationToken)), cancellationToken);
}
