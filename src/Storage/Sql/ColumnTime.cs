namespace ImagingIngestion.Storage.Sql;

/// <summary>Instants as microseconds since 1970 in UTC: what both SQL stores can hold exactly.</summary>
internal static class ColumnTime
{
    public static long ToColumn(DateTimeOffset instant) => ToColumn(instant - DateTimeOffset.UnixEpoch);

    public static long ToColumn(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    public static long Now(TimeProvider timeProvider) => ToColumn(timeProvider.GetUtcNow());

    public static DateTimeOffset FromColumn(long microseconds)
        => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
