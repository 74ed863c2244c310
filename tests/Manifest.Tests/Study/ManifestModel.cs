using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Tests.Study;

/// <summary>Applies the changes of one study like a manifest store, and checks every change against the rules of the stores.</summary>
internal sealed class ManifestModel
{
    private readonly Dictionary<InstanceId, InstanceState> _instances = [];
    private readonly Dictionary<InstanceId, int> _deleted = [];

    public StudyState? Study { get; private set; }

    public IReadOnlyDictionary<InstanceId, InstanceState> Instances => _instances;

    public HashSet<ObjectKey> Dropped { get; } = [];

    /// <summary>A revision is open.</summary>
    public bool IsOpen { get; private set; }

    public List<EventDraft> Events { get; } = [];

    /// <summary>The closed revisions, packed as they came.</summary>
    public List<ReadOnlyMemory<byte>> Revisions { get; } = [];

    /// <summary>Returns the answer of a store to a grain that closes the open revision.</summary>
    public RevisionContent Content()
    {
        InstanceId[] deleted =
        [
            .. _deleted.Where(row => row.Value == Study!.NextRevision && !_instances.ContainsKey(row.Key)).Select(row => row.Key)
        ];
        return new RevisionContent(
            [.. _instances.Values.Select(
                state => new RevisionInstance(state.Id, state.SopClass, 7, state.AddedRevision, state.ChangedRevision))],
            deleted,
            deleted.Length > 0 && Revisions.Count > 0 ? Revisions[^1] : default);
    }

    public void Apply(StudyChange change)
    {
        Assert.True(change.Timing is null || change.Closing is null);
        bool isRepair = change.Timing is null && change.Closing is null;
        if (isRepair)
        {
            AssertOnlyObjectsChange(change);
        }

        Events.AddRange(change.Events);
        if (change.Closing is { } closing)
        {
            Assert.True(IsOpen);
            Assert.Equal(Study!.NextRevision + 1, change.After.NextRevision);
            Revisions.Add(closing.Data);
        }

        IsOpen = isRepair ? IsOpen : change.Closing is null;
        Assert.Equal(Study?.Version ?? 0, change.After.Version);
        foreach (InstanceId id in change.RemovedInstances)
        {
            _instances.Remove(id);
            _deleted[id] = change.After.NextRevision;
        }

        foreach (InstanceChange stored in change.StoredInstances)
        {
            _instances[stored.State.Id] = stored.State;
        }

        Assert.Empty(change.RemovedInstances.Intersect(change.StoredInstances.Select(stored => stored.State.Id)));
        Dropped.UnionWith(change.DroppedObjects);
        Assert.Empty(Dropped.Intersect(_instances.Values.Select(instance => instance.Object)));

        HashSet<SeriesInstanceUid> before = [.. Study?.Series.Select(series => series.Uid) ?? []];
        Assert.Subset(before, change.RemovedSeries.ToHashSet());
        Assert.All(
            change.After.Series.Where(series => !before.Contains(series.Uid)), series => Assert.Contains(series, change.ChangedSeries));
        Assert.All(change.ChangedSeries, series => Assert.Contains(series, change.After.Series));
        Assert.Equal(
            _instances.Keys.GroupBy(id => id.Series).ToDictionary(group => group.Key, group => group.Count()),
            change.After.Series.ToDictionary(series => series.Uid, series => series.InstanceCount));
        Study = change.After with { Version = change.After.Version + 1 };
    }

    /// <summary>Only the objects of rows may differ then.</summary>
    private void AssertOnlyObjectsChange(StudyChange change)
    {
        Assert.Same(Study!.Attributes, change.After.Attributes);
        Assert.Equal(Study with { Series = [] }, change.After with { Series = [] });
        Assert.Equal(Study.Series, change.After.Series);
        Assert.Empty(change.Events);
        Assert.Empty(change.ChangedSeries);
        Assert.Empty(change.RemovedSeries);
        Assert.Empty(change.RemovedInstances);
        Assert.All(change.StoredInstances, stored =>
        {
            InstanceState before = _instances[stored.State.Id];
            Assert.Equal(
                before with { Object = default, ObjectLength = 0, DataSetOffset = 0, ObjectChecksum = null, IsDamaged = false },
                stored.State with { Object = default, ObjectLength = 0, DataSetOffset = 0, ObjectChecksum = null });
            Assert.NotEqual(before.Object, stored.State.Object);
            Assert.Contains(before.Object, change.DroppedObjects);
        });
    }
}
