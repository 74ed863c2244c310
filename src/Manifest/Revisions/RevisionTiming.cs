namespace ImagingIngestion.Manifest.Revisions;

/// <summary>When an open revision is due: the delay after the last change, but no later than the longest delay after it opened.</summary>
public sealed record RevisionTiming(TimeSpan Delay, TimeSpan MaxDelay);
