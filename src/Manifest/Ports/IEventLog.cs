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
