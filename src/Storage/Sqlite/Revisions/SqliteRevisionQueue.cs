using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Revisions;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite.Revisions;

/// <summary>The due times of open revisions in the manifest database.</summary>
/// <param name="writer">Writes claims.</param>
/// <param name="readers">Look for what is due.</param>
/// <param name="timeProvider">The clock of the store.</param>
/// <param name="clock">Mends what a clock that was ahead has left.</param>
internal sealed class SqliteRevisionQueue(SqliteWriter writer, SqliteReaderPool readers, TimeProvider timeProvider, SqliteClock clock)
    : IRevisionQueue
{
    /// <summary>Asks a reader first, so that the writer is left alone while nothing is due.</summary>
    public async Task<IReadOnlyList<RevisionClaim>> ClaimDueAsync(
        string owner, TimeSpan lease, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        await clock.LookAsync(writer, cancellationToken).ConfigureAwait(false);
        return await readers.RunAsync(session => DueRevisions.IsAnyClaimable(session, Now()), cancellationToken).ConfigureAwait(false)
            ? await writer.RunAsync(session => Claim(session, owner, lease, max), cancellationToken).ConfigureAwait(false)
            : [];
    }

    public Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken) => readers.RunAsync<TimeSpan?>(
        session =>
        {
            long now = Now();
            return DueRevisions.Next(session, now) is { } next ? TimeSpan.FromMicroseconds(Math.Max(0, next - now)) : null;
        },
        cancellationToken);

    private long Now() => ColumnTime.Now(timeProvider);

    private IReadOnlyList<RevisionClaim> Claim(SqliteSession session, string owner, TimeSpan lease, int max)
    {
        long now = Now();
        return DueRevisions.Claim(session, owner, now + ColumnTime.ToColumn(lease), max, now);
    }
}
