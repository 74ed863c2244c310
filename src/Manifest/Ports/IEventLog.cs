using System.Globalization;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// The committed events in the order of their numbers (design D5): no holes, never out of order. Every implementation passes the same
/// conformance kit.
/// </summary>
public interface IEventLog
{
    /// <summary>
    /// Names this log: the same number in another log, or in one restored from a backup, is another event. ASCII letters, digits and
    /// dashes.
    /// </summary>
    string LogId { get; }

    /// <summary>The bounds of what is kept.</summary>
    Task<EventLogBounds> GetBoundsAsync(CancellationToken cancellationToken);

    /// <summary>Reads on behind a number. Where that number is older than what is kept, the page is empty and says so.</summary>
    Task<EventPage> ReadAsync(EventQuery query, CancellationToken cancellationToken);

    /// <summary>One event; null when it is not there, or no longer.</summary>
    Task<LoggedEvent?> FindAsync(long sequence, CancellationToken cancellationToken);

    /// <summary>
    /// The packed data of a revision (<see cref="EventData"/>), whether or not its event is still kept; null when there is none.
    /// </summary>
    Task<ReadOnlyMemory<byte>?> FindRevisionAsync(StudyKey study, int revision, CancellationToken cancellationToken);

    /// <summary>
    /// Returns as soon as there is an event with a higher number, or when the token is cancelled (then it throws). A hint: what was missed
    /// is found at the next read.
    /// </summary>
    Task WaitAsync(long after, CancellationToken cancellationToken);

    /// <summary>
    /// Removes, at most some thousands at a time, the oldest events up to an age, except those that a binding has not yet turned into
    /// deliveries or still needs to deliver. Revisions that are not their study's last go with their event. Answers how many events were
    /// removed.
    /// </summary>
    Task<int> RemoveOlderAsync(DateTimeOffset olderThan, CancellationToken cancellationToken);
}

/// <summary>Which events to read.</summary>
/// <param name="After">The number to read on behind, 0 for the beginning.</param>
/// <param name="Limit">The most events in a page.</param>
/// <param name="Types">Only these; all when empty.</param>
/// <param name="Provider">Only those of this storage space; all when null.</param>
public sealed record EventQuery(long After, int Limit, IReadOnlyCollection<EventType> Types, ProviderName? Provider = null);

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

/// <summary>
/// The id of an event (<c>ce-id</c>): the same for every reader and at every attempt, and another one in a log that was restored from a
/// backup.
/// </summary>
public static class EventIds
{
    /// <param name="logId">The name of the log (<see cref="IEventLog.LogId"/>).</param>
    /// <param name="sequence">The number of the event in it.</param>
    public static string Of(string logId, long sequence) => string.Create(CultureInfo.InvariantCulture, $"{logId}-{sequence}");
}
