using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Gateways.Tests.Stow;

/// <summary>Grains whose commits all end with the given exception.</summary>
internal sealed class UnansweredGrains(Exception exception) : IGrainFactory, IStudyGrain
{
    public IStudyGrain GetStudyGrain(StudyKey key) => this;

    public Task<StoreAnswer> StoreInstanceAsync(InstanceArrival arrival, CancellationToken cancellationToken)
        => Task.FromException<StoreAnswer>(exception);

    public Task<int> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken) => Task.FromException<int>(exception);

    public Task<bool> ReviseAsync(RevisionClaim claim, CancellationToken cancellationToken) => Task.FromException<bool>(exception);
}
