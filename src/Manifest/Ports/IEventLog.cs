using System.Globalization;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>The committed events in the order of their numbers (docs/design.md, Events): without holes, never out of order.</summary>
/// <remarks>Every implementation passes the same conformance kit.</remarks>
public interface IEventLog
{
    /// <summary>The id of this log, of ASCII letters, digits and dashes.</summary>
    /// <remarks>The same number in another log, or in one restored from a backup, is another event.</remarks>
    string LogId { get; }

    /// <summary>Returns the bounds of the retained events.</summary>
    Task<EventLogBounds> GetBoundsAsync(CancellationToken cancellationToken);

    /// <summary>Reads after a number. If that number is older than the retained events, the page is empty and expired.</summary>
    Task<EventPage> ReadAsync(EventQuery query, CancellationToken cancellationToken);

    /// <summary>Finds one event; returns null if it does not exist, or no longer.</summary>
    Task<LoggedEvent?> FindAsync(long sequence, CancellationToken cancellationToken);

    /// <summary>
    /// Finds the packed data of a revision (<see cref="EventData"/>), retained event or not; returns null if there is none.
    /// </summary>
    Task<ReadOnlyMemory<byte>?> FindRevisionAsync(StudyKey study, int revision, CancellationToken cancellationToken);

    /// <summary>Returns as soon as there is an event with a higher number; throws if the token is cancelled.</summary>
    /// <remarks>This is a hint: the next read finds what a hint missed.</remarks>
    Task WaitAsync(long after, CancellationToken cancellationToken);

    /// <summary>Removes the oldest events up to an age, at most some thousands at a time; returns how many.</summary>
    /// <remarks>
    /// Events stay that a binding has not yet turned into deliveries or still needs to deliver. Revisions that are not their study's last
    /// are removed with their event.
    /// </remarks>
    Task<int> RemoveOlderAsync(DateTimeOffset olderThan, CancellationToken cancellationToken);
}

/// <summary>The selection of events to read.</summary>
/// <param name="After">Reads after this number; 0 for the beginning.</param>
/// <param name="Limit">The most events in a page.</param>
/// <param name="Types">Only these; all when empty.</param>
/// <param name="Provider">Only those of this storage space; all when null.</param>
public sealed record EventQuery(long After, int Limit, IReadOnlyCollection<EventType> Types, ProviderName? Provider = null);

/// <summary>A page of the event log.</summary>
/// <param name="Events">In the order of their numbers.</param>
/// <param name="Next">The number to continue after: that of the last examined event, selected or not.</param>
/// <param name="Bounds">The bounds of the log at the time of the read.</param>
/// <param name="IsExpired">The requested number is older than the retained events.</param>
public sealed record EventPage(IReadOnlyList<LoggedEvent> Events, long Next, EventLogBounds Bounds, bool IsExpired);

/// <summary>The bounds of an event log.</summary>
/// <param name="Oldest">The lowest retained number, or the number of the next event.</param>
/// <param name="Latest">The highest number so far; 0 before the first.</param>
public readonly record struct EventLogBounds(long Oldest, long Latest)
{
    /// <summary>Returns whether reading after this number would skip removed events.</summary>
    public bool IsExpired(long after) => after < Oldest - 1;
}

/// <summary>A committed event with its number.</summary>
/// <param name="Sequence">Its place in the log: from 1, without holes, in commit order of each study.</param>
/// <param name="OccurredAt">The time of its commit.</param>
/// <param name="Study">Its study.</param>
/// <param name="Content">What happened.</param>
public sealed record LoggedEvent(long Sequence, DateTimeOffset OccurredAt, StudyKey Study, EventDraft Content);

/// <summary>
/// Builds the id of an event (<c>ce-id</c>): the same for every reader and attempt, and different in a log that was restored from a backup.
/// </summary>
public static class EventIds
{
    /// <param name="logId">The name of the log (<see cref="IEventLog.LogId"/>).</param>
    /// <param name="sequence">The number of the event in it.</param>
    public static string Of(string logId, long sequence) => string.Create(CultureInfo.InvariantCulture, $"{logId}-{sequence}");
}
