using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Npgsql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Shows bindings to operators and changes them.</summary>
/// <remarks>Many rows are changed in small transactions, so that other writers get their turn.</remarks>
internal sealed class PostgresBindingAdministration(NpgsqlDataSource pool) : IBindingAdministration
{
    private const int BatchSize = 500;

    private const string ListSql = """
        SELECT b.name, b.kind, b.is_paused, b.cursor, b.snapshot_after IS NOT NULL,
            (SELECT count(*) FROM delivery d WHERE d.binding_id = b.id AND NOT d.is_dead),
            (SELECT min(d.created_at) FROM delivery d WHERE d.binding_id = b.id AND NOT d.is_dead),
            (SELECT count(*) FROM delivery d WHERE d.binding_id = b.id AND d.is_dead)
        FROM binding b ORDER BY b.name
        """;

    private const string PauseSql = "UPDATE binding SET is_paused = $2 WHERE name = $1";
    private const string MarkRemovedSql = "UPDATE binding SET is_removed = true WHERE name = $1";

    private const string RemoveDeliveriesSql = """
        DELETE FROM delivery
        WHERE id = ANY (ARRAY(SELECT d.id FROM binding b JOIN delivery d ON d.binding_id = b.id WHERE b.name = $1 LIMIT $2))
        """;

    private const string ForgetDeliveredSql = """
        DELETE FROM delivered_instance
        WHERE ctid = ANY (ARRAY(
            SELECT i.ctid FROM binding b JOIN delivered_instance i ON i.binding_id = b.id WHERE b.name = $1 LIMIT $2))
        """;

    private const string RemoveSql = "DELETE FROM binding WHERE name = $1 AND is_removed";

    private const string DeadLettersSql = $"""
        SELECT {DeadLetterRow.Columns}
        FROM delivery d JOIN study s ON s.id = d.study_id
        WHERE d.binding_id = (SELECT id FROM binding WHERE name = $1) AND d.is_dead AND d.id > $2 AND d.id <= $3
        ORDER BY d.id LIMIT $4
        """;

    private const string ReplaySql = "SELECT replayed, last FROM replay_1($1, $2, $3, $4)";

    private const string DropSql = "SELECT dropped, last FROM drop_1($1, $2, $3, $4)";

    public Task<IReadOnlyList<BindingStatus>> ListAsync(CancellationToken cancellationToken)
        => pool.ListAsync(new NpgsqlCommand(ListSql), BindingStatusRow.Read, cancellationToken);

    public async Task<bool> SetPausedAsync(string binding, bool isPaused, CancellationToken cancellationToken)
        => await pool.ExecuteAsync(new NpgsqlCommand(PauseSql).With(binding).With(isPaused), cancellationToken).ConfigureAwait(false) > 0;

    /// <summary>Removes a binding with its deliveries.</summary>
    /// <remarks>
    /// It is marked first, so that no process adds to it or claims from it. If a process registers it again on the way, the removal begins
    /// again.
    /// </remarks>
    public async Task<bool> RemoveAsync(string binding, CancellationToken cancellationToken)
    {
        while (await RunOnAsync(MarkRemovedSql, binding, cancellationToken).ConfigureAwait(false) > 0)
        {
            foreach (string sql in new[] { RemoveDeliveriesSql, ForgetDeliveredSql })
            {
                await RemoveRowsAsync(sql, binding, cancellationToken).ConfigureAwait(false);
            }

            if (await RunOnAsync(RemoveSql, binding, cancellationToken).ConfigureAwait(false) > 0)
            {
                return true;
            }
        }

        return false;
    }

    public Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(string binding, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ListDeadLettersAsync(binding, (after, long.MaxValue), limit, cancellationToken);
    }

    public async Task<DeadLetter?> FindDeadLetterAsync(string binding, long id, CancellationToken cancellationToken)
        => (await ListDeadLettersAsync(binding, (id - 1, id), limit: 1, cancellationToken).ConfigureAwait(false)).SingleOrDefault();

    public Task<int> ReplayAsync(string binding, long? id, CancellationToken cancellationToken)
        => InBatchesAsync(ReplaySql, binding, id, cancellationToken);

    public Task<int> DropAsync(string binding, long? id, CancellationToken cancellationToken)
        => InBatchesAsync(DropSql, binding, id, cancellationToken);

    private Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(
        string binding, (long After, long Through) ids, int limit, CancellationToken cancellationToken)
        => pool.ListAsync(
            new NpgsqlCommand(DeadLettersSql).With(binding).With(ids.After).With(ids.Through).With(limit),
            rows => DeadLetterRow.Read(rows, binding),
            cancellationToken);

    private Task<int> InBatchesAsync(string sql, string binding, long? id, CancellationToken cancellationToken)
        => DeadLetterBatch.RunAllAsync(
            id,
            BatchSize,
            (ids, token) => pool.FindAsync(
                new NpgsqlCommand(sql).With(binding).With(ids.After).With(ids.Through).With(BatchSize),
                row => new DeadLetterBatch(row.GetInt32(0), row.GetInt64(1)),
                token),
            cancellationToken);

    private async Task RemoveRowsAsync(string sql, string binding, CancellationToken cancellationToken)
    {
        int removed;
        do
        {
            NpgsqlCommand command = new NpgsqlCommand(sql).With(binding).With(BatchSize);
            removed = await pool.ExecuteAsync(command, cancellationToken).ConfigureAwait(false);
        }
        while (removed > 0);
    }

    private Task<int> RunOnAsync(string sql, string binding, CancellationToken cancellationToken)
        => pool.ExecuteAsync(new NpgsqlCommand(sql).With(binding), cancellationToken);
}
