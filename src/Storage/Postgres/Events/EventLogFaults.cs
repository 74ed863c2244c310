using ImagingIngestion.Manifest.Ports;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres.Events;

/// <summary>
/// What may be wrong with the row of <c>imaging.event_log</c>, which says how far the log goes; each names what an operator does about it.
/// </summary>
internal static class EventLogFaults
{
    /// <summary>The row is not there: while a dump is restored, or because somebody has deleted it.</summary>
    public static ManifestUnavailableException Missing() => new(
        "The row of imaging.event_log is missing: no event gets a number, and feed and bindings stand still until the row is restored.")
        {
            NeedsOperator = true
        };

    /// <summary>Another session holds the lock of those who number, and does not number.</summary>
    public static ManifestUnavailableException Held(TimeSpan age) => new(
        $"Events wait for their numbers since {age.TotalSeconds:0} s, because another session holds the advisory lock of those who number "
            + "and does nothing; end that session (pg_locks names it).")
    { NeedsOperator = true };

    /// <summary>Null where it is nothing of these.</summary>
    public static ManifestUnavailableException? Of(PostgresException exception) => exception.SqlState switch
    {
        PostgresErrorCodes.NotNullViolation => Missing(),
        PostgresErrorCodes.UniqueViolation => new ManifestUnavailableException(
            "The next number of the event log is taken: imaging.event_log.latest is less than the newest number in imaging.event, as after "
                + "a restore of one table alone; restore both together.") { NeedsOperator = true },
        _ => null,
    };
}
