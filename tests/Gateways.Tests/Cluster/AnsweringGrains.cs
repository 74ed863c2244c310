using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Revisions;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Gateways.Tests.Cluster;

/// <summary>Grains that answer each arrival, in turn, as a script says.</summary>
internal sealed class AnsweringGrains(params Func<InstanceArrival, StoreAnswer>[] script) : IGrainFactory, IStudyGrain
{
    private int _next;

    public IStudyGrain GetStudyGrain(StudyKey key) => this;

    public Task<StoreAnswer> StoreInstanceAsync(InstanceArrival arrival, CancellationToken cancellationToken) => Task.Run(() => script[_next++](arrival), cancellationToken);

    public Task<int> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken) => Task.FromResult(0);

    public Task<bool> ReviseAsync(RevisionClaim claim, CancellationToken cancellationToken) => Task.FromResult(false);
}
