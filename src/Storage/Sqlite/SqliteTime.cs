namespace ImagingIngestion.Storage;

/// <summary>Instants as microseconds since 1970 in UTC: what both SQL stores can hold exactly.</summary>
internal static class SqliteTime
{
    public static long ToColumn(DateTimeOffset instant) => (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromColumn(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
