namespace ImagingIngestion.Manifest.Events;

/// <summary>The data of an event of type <see cref="EventType.StudyRevision"/>: the whole study as it settled, and what changed since the revision before.</summary>
/// <param name="Revision">Counts the revisions of the study from 0.</param>
/// <param name="Study">The study; without series when everything of it was deleted.</param>
/// <param name="ChangeSet">What changed.</param>
public sealed record StudyRevisionEvent(int Revision, EventStudy Study, EventChangeSet ChangeSet);
