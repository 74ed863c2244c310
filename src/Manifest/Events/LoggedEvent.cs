using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Events;

/// <summary>A committed event with its number.</summary>
/// <param name="Sequence">Its place in the log: from 1, without holes, in commit order of each study.</param>
/// <param name="OccurredAt">When it was committed.</param>
/// <param name="Study">The study it is about.</param>
/// <param name="Content">What happened.</param>
public sealed record LoggedEvent(long Sequence, DateTimeOffset OccurredAt, StudyKey Study, EventDraft Content);
