using System.Collections.Concurrent;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Grains.Tests.Study;

/// <summary>A manifest in memory that checks versions like a real one, with scripted faults.</summary>
internal sealed class MemoryManifestStore : IManifestStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<StudyKey, StudyState> _studies = [];
    private readonly Dictionary<(StudyKey, InstanceId), InstanceState> _instances = [];

    /// <summary>Replaces or delays the next commits; null lets one pass.</summary>
    public ConcurrentQueue<Action<IReadOnlyList<StudyChange>>?> BeforeCommit { get; } = new();

    /// <summary>Runs after the next commits are durable.</summary>
    public ConcurrentQueue<Action?> AfterCommit { get; } = new();

    /// <summary>Refuses changes that store one of these.</summary>
    public HashSet<SopInstanceUid> Poison { get; } = [];

    /// <summary>Fails a whole group that holds one of these with an unexpected error.</summary>
    public HashSet<SopInstanceUid> Bomb { get; } = [];

    /// <summary>Delays every commit while it is not set.</summary>
    public TaskCompletionSource? Hold { get; set; }

    /// <summary>Released when a commit begins.</summary>
    public SemaphoreSlim CommitBegan { get; } = new(0);

    public ConcurrentQueue<int> GroupSizes { get; } = new();

    public int Loads => _loads;

    public IReadOnlyCollection<StudyState> Studies => Locked(() => _studies.Values.ToArray());

    public IReadOnlyCollection<InstanceState> Instances => Locked(() => _instances.Values.ToArray());

    private int _loads;

    public Task<StudyState?> LoadStudyAsync(StudyKey key, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _loads);
        return Task.FromResult(Locked(() => _studies.GetValueOrDefault(key)));
    }

    public Task<IReadOnlyList<InstanceState>> LoadInstancesAsync(
        StudyKey key, IReadOnlyCollection<InstanceId> ids, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<InstanceState>>(
            Locked(() => ids.Select(id => _instances.GetValueOrDefault((key, id))).OfType<InstanceState>().ToArray()));

    public Task<IReadOnlyList<InstanceState>> ListInstancesAsync(
        StudyKey key, SeriesInstanceUid? series, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<InstanceState>>(Locked(() => _instances
            .Where(row => row.Key.Item1 == key && (series is null || row.Key.Item2.Series == series)).Select(row => row.Value).ToArray()));

    /// <summary>Returns instances only, no deletions.</summary>
    public Task<RevisionContent> LoadRevisionContentAsync(StudyKey key, int revision, CancellationToken cancellationToken)
        => Task.FromResult(new RevisionContent(
            Locked(() => _instances.Where(row => row.Key.Item1 == key).Select(row => row.Value)
                .Select(
                    state => new RevisionInstance(state.Id, state.SopClass, null, state.AddedRevision, state.ChangedRevision)).ToArray()),
            []));

    public async Task<IReadOnlyList<StudyCommitResult>> CommitAsync(IReadOnlyList<StudyChange> group, CancellationToken cancellationToken)
    {
        GroupSizes.Enqueue(group.Count);
        CommitBegan.Release();
        if (Hold is { } hold)
        {
            await hold.Task.WaitAsync(cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (BeforeCommit.TryDequeue(out Action<IReadOnlyList<StudyChange>>? before))
        {
            before?.Invoke(group);
        }

        if (group.Any(change => change.StoredInstances.Any(stored => Bomb.Contains(stored.State.Id.Sop))))
        {
            throw new InvalidOperationException("scripted");
        }

        Assert.Equal(group.Count, group.Select(change => change.After.Key).Distinct().Count());
        StudyCommitResult[] results = Locked(() => group.Select(Apply).ToArray());
        if (AfterCommit.TryDequeue(out Action? after))
        {
            after?.Invoke();
        }

        return results;
    }

    /// <summary>Another silo writes to the study.</summary>
    public void CountVersionUp(StudyKey key) => Locked(() =>
    {
        StudyState study = _studies.GetValueOrDefault(key)
            ?? new StudyState { Key = key, Version = 0, Attributes = new DicomDataset(), Series = [] };
        return _studies[key] = study with { Version = study.Version + 1 };
    });

    private StudyCommitResult Apply(StudyChange change)
    {
        StudyKey key = change.After.Key;
        if ((_studies.GetValueOrDefault(key)?.Version ?? 0) != change.After.Version)
        {
            return StudyCommitResult.VersionConflict;
        }

        if (change.StoredInstances.Any(stored => Poison.Contains(stored.State.Id.Sop)))
        {
            return StudyCommitResult.Refused;
        }

        _studies[key] = change.After with { Version = change.After.Version + 1 };
        foreach (InstanceId removed in change.RemovedInstances)
        {
            _instances.Remove((key, removed));
        }

        foreach (InstanceChange stored in change.StoredInstances)
        {
            _instances[(key, stored.State.Id)] = stored.State;
        }

        return StudyCommitResult.Committed;
    }

    private T Locked<T>(Func<T> work)
    {
        lock (_gate)
        {
            return work();
        }
    }
}
