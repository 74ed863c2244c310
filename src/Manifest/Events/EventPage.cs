namespace ImagingIngestion.Manifest.Events;

/// <summary>A page of the event log.</summary>
/// <param name="Events">In the order of their numbers.</param>
/// <param name="Next">The number to read on behind: that of the last event looked at, whether or not the query asked for it.</param>
/// <param name="Bounds">Of the log at the time of the read.</param>
/// <param name="IsExpired">The number asked for is older than what is kept.</param>
public sealed record EventPage(IReadOnlyList<LoggedEvent> Events, long Next, EventLogBounds Bounds, bool IsExpired);
