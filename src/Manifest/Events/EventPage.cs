using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Events;

/// <summary>A page of the event log.</summary>
/// <param name="Events">In the order of their numbers.</param>
/// <param name="Next">The number to read on behind: that of the last event looked at, whether or not the query asked for it.</param>
/// <param name="Bounds">Of the log at the time of the read.</param>
/// <param name="IsExpired">The number asked for is older than what is kept.</param>
public sealed record EventPage(IReadOnlyList<LoggedEvent> Events, long Next, EventLogBounds Bounds, bool IsExpired);

/// <summary>The bounds of an event log.</summary>
/// <param name="Oldest">The lowest number that is kept, or that the next event will have.</param>
/// <param name="Latest">The highest number given so far, 0 before the first.</param>
public readonly record struct EventLogBounds(long Oldest, long Latest)
{
    /// <summary>Reading on behind this number would leave out events that are no longer kept.</summary>
    public bool IsExpired(long after) => after < Oldest - 1;
}

/// <summary>A committed event with its number.</summary>
/// <param name="Sequence">Its place in the log: from 1, without holes, in commit order of each study.</param>
/// <param name="OccurredAt">When it was committed.</param>
/// <param name="Study">The study it is about.</param>
/// <param name="Content">What happened.</param>
public sealed record LoggedEvent(long Sequence, DateTimeOffset OccurredAt, StudyKey Study, EventDraft Content);
