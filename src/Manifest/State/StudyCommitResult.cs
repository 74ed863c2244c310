namespace ImagingIngestion.Manifest.State;

/// <summary>What became of one <see cref="StudyChange"/> of a group.</summary>
public enum StudyCommitResult
{
    /// <summary>Durable.</summary>
    Committed,

    /// <summary>The store holds another version: nothing of this change was written; reload and decide again.</summary>
    VersionConflict,

    /// <summary>The store refused a value of this change alone; nothing of it was written.</summary>
    Refused,

    /// <summary>The revision to close is no longer claimed by this token, or not due any more; nothing was written.</summary>
    NotDue,

    /// <summary>Somebody else holds the study: nothing of this change was written; commit it alone, so that others do not wait.</summary>
    Contended,
}
