using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Revisions;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Study;

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
