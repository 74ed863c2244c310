using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite.Events;

/// <summary>The event log of the manifest database.</summary>
/// <param name="logId">Names it.</param>
/// <param name="writer">Removes old events.</param>
/// <param name="readers">Read it.</param>
/// <param name="signal">Wakes those who wait.</param>
internal sealed class SqliteEventLog(string logId, SqliteWriter writer, SqliteReaderPool readers, EventSignal signal) : IEventLog
{
    public string LogId { get; } = logId;

    public Task<EventLogBounds> GetBoundsAsync(CancellationToken cancellationToken) => readers.RunAsync(EventQueries.Bounds, cancellationToken);

    public Task<EventPage> ReadAsync(EventQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        return readers.RunAsync(session => EventQueries.Page(session, query), cancellationToken);
    }

    public Task<LoggedEvent?> FindAsync(long sequence, CancellationToken cancellationToken)
        => readers.RunAsync(session => EventQueries.Find(session, sequence), cancellationToken);

    public Task<ReadOnlyMemory<byte>?> FindRevisionAsync(StudyKey study, int revision, CancellationToken cancellationToken)
        => readers.RunAsync(session => EventQueries.FindRevision(session, study, revision), cancellationToken);

    public Task WaitAsync(long after, CancellationToken cancellationToken) => signal.WaitAsync(after, cancellationToken);

    /// <summary>Asks a reader first, so that the writer is left alone while there is nothing to remove.</summary>
    public async Task<int> RemoveOlderAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        long limit = ColumnTime.ToColumn(olderThan);
        long released = await readers.RunAsync(EventRetention.ReadReleased, cancellationToken).ConfigureAwait(false);
        return await readers.RunAsync(session => EventRetention.IsAnyOlder(session, released, limit), cancellationToken).ConfigureAwait(false)
            ? await writer.RunAsync(session => EventRetention.Remove(session, released, limit), cancellationToken).ConfigureAwait(false)
            : 0;
    }
}
