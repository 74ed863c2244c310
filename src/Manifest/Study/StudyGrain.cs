using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Study;

/// <summary>
/// A study: owns its series and instances, decides turn by turn in memory and collects one <see cref="StudyChange"/> to commit.
/// </summary>
/// <remarks>
/// It knows no host (docs/design.md, Domain without a host). The host runs one turn at a time and commits the change under the version that
/// it names. Only then it calls <see cref="Committed"/> and answers the callers. After any other outcome the host drops the grain and loads
/// the study again.
/// </remarks>
public sealed class StudyGrain
{
    /// <summary>The sweeper may have deleted an object whose upload began longer ago (docs/design.md, Sweeping).</summary>
    public static readonly TimeSpan MaxUploadAge = TimeSpan.FromHours(6);

    private readonly Dictionary<SeriesInstanceUid, SeriesGrain> _series = [];
    private readonly Dictionary<InstanceId, InstanceGrain> _instances = [];
    private readonly List<EventDraft> _events = [];
    private readonly DuplicatePolicy _policy;
    private readonly RevisionTiming _timing;
    private readonly TimeProvider _time;
    private StudyState _stored;
    private StudyState? _pending;
    private DicomDataset _attributes;
    private RevisionClosing? _closing;
    private EventDraft? _revision;
    private bool _isChanged;
    private bool _isRepaired;

    /// <param name="key">Its identity.</param>
    /// <param name="stored">The study in the manifest; null if no instance of it was ever stored.</param>
    /// <param name="policy">The policy for an identity that arrives with other content.</param>
    /// <param name="timing">The due times of its revisions.</param>
    /// <param name="time">The clock for the age of uploads and the time of changes.</param>
    public StudyGrain(StudyKey key, StudyState? stored, DuplicatePolicy policy, RevisionTiming timing, TimeProvider time)
    {
        _policy = policy;
        _timing = timing;
        _time = time;
        _stored = stored ?? new StudyState { Key = key, Version = 0, Attributes = Utf8Attributes.NewDataset(), Series = [] };
        _attributes = _stored.Attributes;
        Restart();
    }

    public StudyKey Key => _stored.Key;

    /// <summary>The version that the next commit expects in the manifest.</summary>
    public long Version => _stored.Version;

    /// <summary>Bytes that the study holds in memory, roughly.</summary>
    public long EstimatedBytes
        => 1024 + _stored.Attributes.EstimateBytes() + _stored.Series.Sum(series => 512 + series.Attributes.EstimateBytes());

    /// <summary>Decides about an instance.</summary>
    /// <param name="arrival">The instance, its object already durable.</param>
    /// <param name="known">The row of the manifest; null if it holds none. Earlier decisions of this batch override it.</param>
    public StoreAnswer Store(InstanceArrival arrival, InstanceState? known)
    {
        if (arrival.Study != Key)
        {
            throw new ArgumentException("The arriving instance belongs to another study.", nameof(arrival));
        }

        InstanceGrain instance = InstanceOf(arrival.State.Id, known);
        StoreAnswer.Kind outcome = instance.Decide(arrival, _policy);
        if (outcome is not (StoreAnswer.Kind.Added or StoreAnswer.Kind.Replaced or StoreAnswer.Kind.Repaired))
        {
            return new StoreAnswer(outcome, instance.Current);
        }

        if (_time.GetUtcNow() - arrival.UploadBegan > MaxUploadAge)
        {
            return new StoreAnswer(StoreAnswer.Kind.UploadTooOld, instance.Current);
        }

        if (outcome == StoreAnswer.Kind.Repaired)
        {
            instance.Repair(arrival);
            _isRepaired = true;
            return new StoreAnswer(outcome, instance.Current);
        }

        bool isFirst = _series.Values.All(series => series.Current.InstanceCount == 0);
        instance.Store(arrival, _stored.NextRevision);
        SeriesOf(arrival.State.Id.Series).Store(arrival.SeriesAttributes, isNew: outcome == StoreAnswer.Kind.Added);
        _attributes = AttributeMerge.Merge(isFirst ? Utf8Attributes.NewDataset() : _attributes, arrival.StudyAttributes);
        _events.AddRange(StudyEvents.OfInstance(
            arrival, outcome == StoreAnswer.Kind.Added ? ChangeKind.Addition : ChangeKind.Modification));
        _isChanged = true;
        return new StoreAnswer(outcome, instance.Current);
    }

    /// <summary>Deletes an instance, a series or the whole study; returns how many instances were deleted.</summary>
    /// <param name="request">What to delete.</param>
    /// <param name="known">At least all rows of it in the manifest; earlier decisions of this batch override them.</param>
    public int Delete(DeleteRequest request, IReadOnlyCollection<InstanceState> known)
    {
        foreach (InstanceState row in known)
        {
            InstanceOf(row.Id, row);
        }

        int deleted = 0;
        foreach (InstanceGrain instance in _instances.Values.Where(
            instance => instance.Current is not null && Covers(request, instance.Id)))
        {
            instance.Remove();
            SeriesOf(instance.Id.Series).Remove();
            deleted++;
        }

        _isChanged |= deleted > 0;
        return deleted;
    }

    /// <summary>
    /// Closes the open revision with its number, its changes and the current study, alone in its batch; returns false if it is already
    /// closed.
    /// </summary>
    /// <remarks>The commit decides whether the claim holds and the revision is due.</remarks>
    /// <param name="claim">The lease on the revision.</param>
    /// <param name="content">The instances in the manifest.</param>
    public bool Revise(RevisionClaim claim, RevisionContent content)
    {
        if (_isChanged || _isRepaired || _closing is not null)
        {
            throw new InvalidOperationException("A revision is closed in a batch of its own.");
        }

        // A claim of a later number shows that another silo changed the study since it was loaded: the commit finds another version.
        if (claim.Study != Key || claim.Revision < _stored.NextRevision)
        {
            return false;
        }

        _closing = new RevisionClosing(claim, EventData.Pack(StudyEvents.Snapshot(_stored, content)));
        _revision = StudyEvents.OfRevision(_stored, content);
        return true;
    }

    /// <summary>Returns the decisions since the last commit; null if they changed nothing.</summary>
    /// <remarks>No turn may run until the commit has an outcome.</remarks>
    public StudyChange? TakeChange()
    {
        if (_closing is not null)
        {
            _pending = _stored with { NextRevision = _stored.NextRevision + 1 };
            return new StudyChange { Before = _stored, After = _pending, Closing = _closing, Events = [_revision!] };
        }

        if (!_isChanged && !_isRepaired)
        {
            Restart();
            return null;
        }

        SeriesState[] left = [.. _series.Values.Select(series => series.Current).Where(series => series.InstanceCount > 0)];
        DateTimeOffset now = _time.GetUtcNow();
        bool isNew = _stored.Version == 0 || _stored.Series.Count == 0;
        _pending = !_isChanged ? _stored : _stored with
        {
            Attributes = left.Length > 0 ? _attributes : Utf8Attributes.NewDataset(),
            Series = left,
            CreatedAt = isNew ? now : _stored.CreatedAt,
            UpdatedAt = now,
        };
        return new StudyChange
        {
            Before = _stored.Version == 0 ? null : _stored,
            After = _pending,
            ChangedSeries = [.. _series.Values.Where(series => series.IsChanged).Select(series => series.Current)],
            RemovedSeries =
            [
                .. _series.Values.Where(series => series.IsStored && series.Current.InstanceCount == 0).Select(series => series.Current.Uid)
            ],
            StoredInstances = [.. _instances.Values.Select(instance => instance.Change).OfType<InstanceChange>()],
            RemovedInstances = [.. _instances.Values.Where(instance => instance.IsRemoved).Select(instance => instance.Id)],
            DroppedObjects = [.. _instances.Values.SelectMany(instance => instance.DroppedObjects)],
            Events = [.. _events],
            Timing = _isChanged ? _timing : null,
        };
    }

    /// <summary>Notes that the taken change is durable: the manifest holds the next version.</summary>
    public void Committed()
    {
        _stored = _pending is null
            ? throw new InvalidOperationException("No change was taken.")
            : _pending with { Version = _pending.Version + 1 };
        Restart();
    }

    private static bool Covers(DeleteRequest request, InstanceId id)
        => (request.Series is null || request.Series == id.Series) && (request.Sop is null || request.Sop == id.Sop);

    private void Restart()
    {
        _pending = null;
        _closing = null;
        _revision = null;
        _isChanged = false;
        _isRepaired = false;
        _events.Clear();
        _attributes = _stored.Attributes;
        _instances.Clear();
        _series.Clear();
        foreach (SeriesState series in _stored.Series)
        {
            _series.Add(series.Uid, new SeriesGrain(series.Uid, series));
        }
    }

    private InstanceGrain InstanceOf(InstanceId id, InstanceState? known)
    {
        if (!_instances.TryGetValue(id, out InstanceGrain? instance))
        {
            instance = new InstanceGrain(id, known);
            _instances.Add(id, instance);
        }

        return instance;
    }

    private SeriesGrain SeriesOf(SeriesInstanceUid uid)
    {
        if (!_series.TryGetValue(uid, out SeriesGrain? series))
        {
            series = new SeriesGrain(uid, null);
            _series.Add(uid, series);
        }

        return series;
    }
}

/// <summary>A request to a study grain to delete an instance, a series (no <paramref name="Sop"/>) or the whole study (neither).</summary>
public sealed record DeleteRequest(SeriesInstanceUid? Series, SopInstanceUid? Sop);
