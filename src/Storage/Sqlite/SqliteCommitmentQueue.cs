using ImagingIngestion.Manifest.Commitments;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Requests for storage commitment in the manifest database.</summary>
/// <param name="writer">Writes requests and claims.</param>
/// <param name="readers">Look for what is due, so that the writer is left alone while nothing is.</param>
/// <param name="timeProvider">The clock of the store.</param>
/// <param name="clock">Mends what a clock that was ahead has left.</param>
internal sealed class SqliteCommitmentQueue(SqliteWriter writer, SqliteReaderPool readers, TimeProvider timeProvider, SqliteClock clock) : ICommitmentQueue
{
    public Task<bool> AddAsync(CommitmentRequest request, TimeSpan delay, CommitmentCapacity capacity, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(request.References.Count);
        byte[] data = ReferenceText.Write(request.References);
        return writer.RunAsync(
            session =>
            {
                long now = ColumnTime.Now(timeProvider);
                return CommitmentRows.Add(session, request, data, now, now + ColumnTime.ToColumn(delay), capacity);
            },
            cancellationToken);
    }

    public async Task<IReadOnlyList<CommitmentClaim>> ClaimDueAsync(string owner, TimeSpan lease, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        await clock.LookAsync(writer, cancellationToken).ConfigureAwait(false);
        return await readers.RunAsync(CommitmentRows.NextDue, cancellationToken).ConfigureAwait(false) <= ColumnTime.Now(timeProvider)
            ? await writer.RunAsync(session => Claim(session, owner, lease, max), cancellationToken).ConfigureAwait(false)
            : [];
    }

    public async Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken)
        => await readers.RunAsync(CommitmentRows.NextDue, cancellationToken).ConfigureAwait(false) is { } due
            ? TimeSpan.FromMicroseconds(Math.Max(0, due - ColumnTime.Now(timeProvider)))
            : null;

    public Task<bool> RemoveAsync(CommitmentClaim claim, CancellationToken cancellationToken)
        => writer.RunAsync(session => CommitmentRows.Remove(session, claim), cancellationToken);

    public Task<bool> PutOffAsync(CommitmentClaim claim, TimeSpan delay, bool countsAsAttempt, CancellationToken cancellationToken)
        => writer.RunAsync(
            session => CommitmentRows.PutOff(session, claim, ColumnTime.Now(timeProvider) + ColumnTime.ToColumn(delay), countsAsAttempt), cancellationToken);

    private IReadOnlyList<CommitmentClaim> Claim(SqliteSession session, string owner, TimeSpan lease, int max)
    {
        long now = ColumnTime.Now(timeProvider);
        return CommitmentRows.Claim(session, owner, now + ColumnTime.ToColumn(lease), max, now);
    }
}
