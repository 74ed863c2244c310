using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Revisions;

namespace ImagingIngestion.Manifest.State;

/// <summary>Everything that the turns of one study decided since its last commit, applied as a whole or not at all.</summary>
public sealed record StudyChange
{
    /// <summary>
    /// The study as it is after the change; its <see cref="StudyState.Version"/> is the one expected in the store, which counts it up by
    /// one.
    /// </summary>
    public required StudyState After { get; init; }

    /// <summary>
    /// The study as it was before, null where the manifest is to hold none. After a restore another past may have led to the same version.
    /// </summary>
    public StudyState? Before { get; init; }

    /// <summary>Series whose row is new or differs.</summary>
    public IReadOnlyList<SeriesState> ChangedSeries { get; init; } = [];

    public IReadOnlyList<SeriesInstanceUid> RemovedSeries { get; init; } = [];

    /// <summary>Instances that are new or replaced, or whose object is.</summary>
    public IReadOnlyList<InstanceChange> StoredInstances { get; init; } = [];

    /// <summary>
    /// Instances whose row goes, or never came because the same change stored them; listed as deletions of the open revision.
    /// </summary>
    public IReadOnlyList<InstanceId> RemovedInstances { get; init; } = [];

    /// <summary>Objects that no row names any more: the sweeper's, a day later.</summary>
    public IReadOnlyList<ObjectKey> DroppedObjects { get; init; } = [];

    /// <summary>What subscribers hear of this change, in order (design D5).</summary>
    public IReadOnlyList<EventDraft> Events { get; init; } = [];

    /// <summary>
    /// Opens a revision, or moves the due time of the open one; null where the change closes one, or only repairs objects.
    /// </summary>
    public RevisionTiming? Timing { get; init; }

    /// <summary>Closes the open revision; nothing else changes then but the number of the next one.</summary>
    public RevisionClosing? Closing { get; init; }
}

/// <summary>An instance row to write.</summary>
public sealed record InstanceChange(InstanceState State, InstanceContent Content);
