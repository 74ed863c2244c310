namespace ImagingIngestion.Grains.Tests;

/// <summary>Applies the changes of one study as a manifest store must, and holds every change against the rules that stores rely on.</summary>
internal sealed class ManifestModel
{
    private readonly Dictionary<InstanceId, InstanceState> _instances = [];

    public StudyState? Study { get; private set; }

    public IReadOnlyDictionary<InstanceId, InstanceState> Instances => _instances;

    public HashSet<ObjectKey> Dropped { get; } = [];

    public void Apply(StudyChange change)
    {
        Assert.Equal(Study?.Version ?? 0, change.After.Version);
        foreach (InstanceId id in change.RemovedInstances)
        {
            _instances.Remove(id);
        }

        foreach (InstanceChange stored in change.StoredInstances)
        {
            _instances[stored.State.Id] = stored.State;
        }

        Assert.Empty(change.RemovedInstances.Intersect(change.StoredInstances.Select(stored => stored.State.Id)));
        Dropped.UnionWith(change.DroppedObjects);
        Assert.Empty(Dropped.Intersect(_instances.Values.Select(instance => instance.Object)));

        HashSet<Dicom.SeriesInstanceUid> before = [.. Study?.Series.Select(series => series.Uid) ?? []];
        Assert.Subset(before, change.RemovedSeries.ToHashSet());
        Assert.All(change.After.Series.Where(series => !before.Contains(series.Uid)), series => Assert.Contains(series, change.ChangedSeries));
        Assert.All(change.ChangedSeries, series => Assert.Contains(series, change.After.Series));
        Assert.Equal(
            _instances.Keys.GroupBy(id => id.Series).ToDictionary(group => group.Key, group => group.Count()),
            change.After.Series.ToDictionary(series => series.Uid, series => series.InstanceCount));
        Study = change.After with { Version = change.After.Version + 1 };
    }
}
