using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Revisions;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Storage.Bench;

/// <summary>One new study that decides about its instances as every study does, but gathers all of them for one commit.</summary>
internal sealed class CollectingGrain : IGrainFactory, IStudyGrain
{
    private static readonly RevisionTiming NoRevision = new(TimeSpan.Zero, TimeSpan.Zero);

    private StudyGrain? _study;

    public IStudyGrain GetStudyGrain(StudyKey key)
    {
        _study ??= new StudyGrain(key, stored: null, DuplicatePolicy.Replace, NoRevision, TimeProvider.System);
        return this;
    }

    public Task<StoreAnswer> StoreInstanceAsync(InstanceArrival arrival, CancellationToken cancellationToken) => Task.FromResult(_study!.Store(arrival, known: null));

    public Task<int> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> ReviseAsync(RevisionClaim claim, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>All that was stored, without a revision to close.</summary>
    public StudyChange TakeChange() => _study!.TakeChange()! with { Timing = null };
}
