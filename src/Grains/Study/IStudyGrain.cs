using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Study;

/// <summary>A study: one activation per (provider, study) decides about its instances, one turn at a time.</summary>
public interface IStudyGrain
{
    /// <summary>Decides about an instance; completes after the decision is durable.</summary>
    /// <exception cref="ManifestUnavailableException">
    /// Nothing was committed, or the outcome is unknown; the sender must send again.
    /// </exception>
    /// <exception cref="GrainOverloadedException">Too many calls wait; try later.</exception>
    Task<StoreAnswer> StoreInstanceAsync(InstanceArrival arrival, CancellationToken cancellationToken);

    /// <summary>Deletes instances; completes after it is durable. Returns how many were deleted.</summary>
    Task<int> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken);

    /// <summary>Closes the revision of a claim; completes after it is durable.</summary>
    /// <remarks>Returns false if the claim was lost, or the revision is closed or not due.</remarks>
    Task<bool> ReviseAsync(RevisionClaim claim, CancellationToken cancellationToken);
}

/// <summary>The mailbox of a grain, or the silo's commit queue, is full: try later.</summary>
public sealed class GrainOverloadedException() : Exception("Too many requests wait for this study; send again later.");

/// <summary>Creates references to grains; the host decides whether a grain lives here or in another silo.</summary>
public interface IGrainFactory
{
    IStudyGrain GetStudyGrain(StudyKey key);
}

/// <summary>Creates references to the grains of this silo. A reference costs nothing and never becomes stale.</summary>
internal sealed class GrainFactory(ActivationDirectory directory) : IGrainFactory
{
    public IStudyGrain GetStudyGrain(StudyKey key) => new StudyGrainReference(key, directory);
}

/// <summary>A study as its callers see it: finds or creates the activation on each call.</summary>
internal sealed class StudyGrainReference(StudyKey key, ActivationDirectory directory) : IStudyGrain
{
    public Task<StoreAnswer> StoreInstanceAsync(InstanceArrival arrival, CancellationToken cancellationToken)
        => directory.CallAsync(key, new StoreTurn(arrival, new TurnCaller(cancellationToken)), cancellationToken);

    public Task<int> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken)
        => directory.CallAsync(key, new DeleteTurn(request, new TurnCaller(cancellationToken)), cancellationToken);

    public Task<bool> ReviseAsync(RevisionClaim claim, CancellationToken cancellationToken)
        => directory.CallAsync(key, new ReviseTurn(claim, new TurnCaller(cancellationToken)), cancellationToken);
}
