using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Postgres.Events;

/// <summary>The event log of the manifest database, as far as its events are numbered.</summary>
/// <param name="logId">Names it.</param>
/// <param name="connections">To the database.</param>
/// <param name="signal">Wakes those who wait.</param>
internal sealed class PostgresEventLog(string logId, PostgresConnections connections, EventSignal signal) : IEventLog
{
    public string LogId { get; } = logId;

    public Task<EventLogBounds> GetBoundsAsync(CancellationToken cancellationToken)
        => PostgresConnections.ReadAsync(connections.Queries, EventReads.BoundsAsync, cancellationToken);

    public Task<EventPage> ReadAsync(EventQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        return PostgresConnections.ReadAsync(connections.Queries, (connection, token) => EventReads.PageAsync(connection, query, token), cancellationToken);
    }

    public Task<LoggedEvent?> FindAsync(long sequence, CancellationToken cancellationToken)
        => PostgresConnections.ReadAsync(connections.Queries, (connection, token) => EventReads.FindAsync(connection, sequence, token), cancellationToken);

    public Task<ReadOnlyMemory<byte>?> FindRevisionAsync(StudyKey study, int revision, CancellationToken cancellationToken)
        => PostgresConnections.ReadAsync(connections.Queries, (connection, token) => EventReads.FindRevisionAsync(connection, study, revision, token), cancellationToken);

    public Task WaitAsync(long after, CancellationToken cancellationToken) => signal.WaitAsync(after, cancellationToken);

    public async Task<int> RemoveOlderAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        long limit = ColumnTime.ToColumn(olderThan);
        long released = await PostgresConnections.ReadAsync(connections.Queries, PostgresEventRetention.ReadReleasedAsync, cancellationToken).ConfigureAwait(false);
        bool isAny = await PostgresConnections.ReadAsync(
            connections.Queries, (connection, token) => PostgresEventRetention.IsAnyOlderAsync(connection, released, limit, token), cancellationToken).ConfigureAwait(false);
        return !isAny ? 0 : await PostgresConnections.RunAsync(
            connections.Grains, (connection, token) => PostgresEventRetention.RemoveAsync(connection, released, limit, token), cancellationToken).ConfigureAwait(false);
    }
}
