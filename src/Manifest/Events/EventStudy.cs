namespace ImagingIngestion.Manifest.Events;

/// <summary>The study of a <see cref="StudyRevisionEvent"/>.</summary>
public sealed record EventStudy(string StudyInstanceUID, string? StudyDate, IReadOnlyList<EventElement> Attributes, IReadOnlyList<EventSeries> Series);
