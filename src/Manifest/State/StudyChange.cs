using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Manifest.State;

/// <summary>The decisions of one study since its last commit, applied as a whole or not at all.</summary>
public sealed record StudyChange
{
    /// <summary>The study after the change.</summary>
    /// <remarks>Its <see cref="StudyState.Version"/> is the expected one in the store, which increments it.</remarks>
    public required StudyState After { get; init; }

    /// <summary>The study before the change; null if the manifest is to hold none.</summary>
    /// <remarks>After a restore another history may have led to the same version.</remarks>
    public StudyState? Before { get; init; }

    /// <summary>Series with a new or different row.</summary>
    public IReadOnlyList<SeriesState> ChangedSeries { get; init; } = [];

    public IReadOnlyList<SeriesInstanceUid> RemovedSeries { get; init; } = [];

    /// <summary>Instances that are new or replaced, or have another object.</summary>
    public IReadOnlyList<InstanceChange> StoredInstances { get; init; } = [];

    /// <summary>Instances whose row is deleted, or was never written because the same change stored them.</summary>
    /// <remarks>They are deletions of the open revision.</remarks>
    public IReadOnlyList<InstanceId> RemovedInstances { get; init; } = [];

    /// <summary>Objects that no row names any more; the sweeper deletes them a day later.</summary>
    public IReadOnlyList<ObjectKey> DroppedObjects { get; init; } = [];

    /// <summary>The events of this change for subscribers, in order (docs/design.md, Events).</summary>
    public IReadOnlyList<EventDraft> Events { get; init; } = [];

    /// <summary>Opens a revision, or moves the due time of the open one; null if the change closes one, or only repairs objects.</summary>
    public RevisionTiming? Timing { get; init; }

    /// <summary>Closes the open revision; then only the number of the next one changes besides.</summary>
    public RevisionClosing? Closing { get; init; }
}

/// <summary>An instance row to write.</summary>
public sealed record InstanceChange(InstanceState State, InstanceContent Content);

/// <summary>The outcome of one <see cref="StudyChange"/> of a group.</summary>
public enum StudyCommitResult
{
    /// <summary>Durable.</summary>
    Committed,

    /// <summary>The store holds another version: nothing of this change was written; reload and decide again.</summary>
    VersionConflict,

    /// <summary>The store refused a value of this change alone; nothing of it was written.</summary>
    Refused,

    /// <summary>The token no longer claims the revision to close, or it is no longer due; nothing was written.</summary>
    NotDue,

    /// <summary>
    /// Another transaction locks the study: nothing of this change was written; commit it alone, so that others do not wait.
    /// </summary>
    Contended,
}
