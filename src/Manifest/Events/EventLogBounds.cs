namespace ImagingIngestion.Manifest.Events;

/// <summary>The bounds of an event log.</summary>
/// <param name="Oldest">The lowest number that is kept, or that the next event will have.</param>
/// <param name="Latest">The highest number given so far, 0 before the first.</param>
public readonly record struct EventLogBounds(long Oldest, long Latest)
{
    /// <summary>Reading on behind this number would leave out events that are no longer kept.</summary>
    public bool IsExpired(long after) => after < Oldest - 1;
}
