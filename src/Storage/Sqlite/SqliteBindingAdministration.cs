using System.Collections.Concurrent;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Shows bindings to operators and changes them.</summary>
/// <remarks>Many rows are changed in small transactions, so that other writers get their turn.</remarks>
internal sealed class SqliteBindingAdministration(
    SqliteWriter writer, SqliteReaderPool readers, RemovedBindings removed, TimeProvider timeProvider) : IBindingAdministration
{
    private const int BatchSize = 500;

    private const string ListSql = """
        SELECT b.name, b.kind, b.is_paused, b.cursor, b.snapshot_after IS NOT NULL, coalesce(w.waiting, 0), w.oldest,
            (SELECT count(*) FROM delivery d WHERE d.binding_id = b.id AND d.is_dead = 1)
        FROM binding b
        LEFT JOIN (
            SELECT binding_id, count(*) AS waiting, min(created_at) AS oldest
            FROM delivery INDEXED BY delivery_due WHERE is_dead = 0 GROUP BY binding_id
        ) w ON w.binding_id = b.id
        ORDER BY b.name
        """;

    private const string PauseSql = "UPDATE binding SET is_paused = $2 WHERE name = $1";
    private const string RemoveDeliveriesSql =
        "DELETE FROM delivery WHERE id IN (SELECT d.id FROM binding b JOIN delivery d ON d.binding_id = b.id WHERE b.name = $1 LIMIT $2)";

    private const string ForgetDeliveredSql = """
        DELETE FROM delivered_instance
        WHERE (binding_id, study_id, series_uid, sop_uid) IN (
            SELECT i.binding_id, i.study_id, i.series_uid, i.sop_uid
            FROM binding b JOIN delivered_instance i ON i.binding_id = b.id WHERE b.name = $1 LIMIT $2)
        """;

    private const string RemoveSql = "DELETE FROM binding WHERE name = $1";

    public Task<IReadOnlyList<BindingStatus>> ListAsync(CancellationToken cancellationToken) => readers.RunAsync(List, cancellationToken);

    public Task<bool> SetPausedAsync(string binding, bool isPaused, CancellationToken cancellationToken)
        => writer.RunAsync(session => session.Statement(PauseSql, 2).Run(binding, isPaused) > 0, cancellationToken);

    public async Task<bool> RemoveAsync(string binding, CancellationToken cancellationToken)
    {
        removed.Begin(binding);
        try
        {
            while (true)
            {
                if (await writer.RunAsync(session => RemoveSome(session, binding), cancellationToken).ConfigureAwait(false) is { } wasThere)
                {
                    return wasThere;
                }
            }
        }
        finally
        {
            removed.End(binding);
        }
    }

    public Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(string binding, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return readers.RunAsync(reader => DeadLetterRows.List(reader, binding, after, id: null, limit), cancellationToken);
    }

    public async Task<DeadLetter?> FindDeadLetterAsync(string binding, long id, CancellationToken cancellationToken)
    {
        IReadOnlyList<DeadLetter> found = await readers.RunAsync(
            reader => DeadLetterRows.List(reader, binding, id - 1, id, limit: 1), cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    public Task<int> ReplayAsync(string binding, long? id, CancellationToken cancellationToken)
        => InBatchesAsync(
            id,
            (session, ids) => DeadLetterRows.Replay(session, binding, ids, BatchSize, ColumnTime.ToColumn(timeProvider.GetUtcNow())),
            cancellationToken);

    public Task<int> DropAsync(string binding, long? id, CancellationToken cancellationToken)
        => InBatchesAsync(id, (session, ids) => DeadLetterRows.Drop(session, binding, ids, BatchSize), cancellationToken);

    private static IReadOnlyList<BindingStatus> List(SqliteSession reader)
    {
        List<BindingStatus> bindings = [];
        using SqliteDataReader rows = reader.Statement(ListSql, 0).Query();
        while (rows.Read())
        {
            bindings.Add(BindingStatusRow.Read(rows));
        }

        return bindings;
    }

    /// <summary>Removes one batch; returns null while there is more to remove.</summary>
    private static bool? RemoveSome(SqliteSession session, string binding)
        => session.Statement(RemoveDeliveriesSql, 2).Run(binding, BatchSize) == BatchSize
            || session.Statement(ForgetDeliveredSql, 2).Run(binding, BatchSize) == BatchSize
            ? null
            : session.Statement(RemoveSql, 1).Run(binding) > 0;

    private Task<int> InBatchesAsync(
        long? id, Func<SqliteSession, (long After, long Through), DeadLetterBatch> change, CancellationToken cancellationToken)
        => DeadLetterBatch.RunAllAsync(
            id, BatchSize, (ids, token) => writer.RunAsync(session => change(session, ids), token), cancellationToken);
}

/// <summary>Reads dead letters, replays them and drops them.</summary>
internal static class DeadLetterRows
{
    private const string ListSql = $"""
        SELECT {DeadLetterRow.Columns}
        FROM binding b CROSS JOIN delivery d INDEXED BY delivery_dead ON d.binding_id = b.id CROSS JOIN study s ON s.id = d.study_id
        WHERE b.name = $1 AND d.is_dead = 1 AND d.id > $2 AND ($3 IS NULL OR d.id = $3)
        ORDER BY d.id LIMIT $4
        """;

    private const string SubjectsSql = """
        SELECT d.id, d.binding_id, d.study_id, d.series_uid, d.sop_uid
        FROM binding b CROSS JOIN delivery d INDEXED BY delivery_dead ON d.binding_id = b.id
        WHERE b.name = $1 AND d.is_dead = 1 AND d.id > $2 AND d.id <= $3
        ORDER BY d.id LIMIT $4
        """;

    private const string ReviveSql = $"""
        UPDATE delivery SET is_dead = 0, attempts = 0, due_at = {DeliverySql.Behind}, dead_since = NULL, last_error = NULL WHERE id = $1
        """;

    /// <summary>The replayed delivery may be the first of several that wait.</summary>
    private const string StepBackSql = $"""
        UPDATE delivery SET due_at = {DeliverySql.Behind}
        WHERE binding_id = $1 AND study_id = $2 AND series_uid = $3 AND sop_uid = $4
            AND is_dead = 0 AND owner IS NULL AND due_at <> {DeliverySql.Behind}
        """;

    private const string DropSql = "DELETE FROM delivery WHERE id = $1";

    public static IReadOnlyList<DeadLetter> List(SqliteSession reader, string binding, long after, long? id, int limit)
    {
        List<DeadLetter> letters = [];
        using SqliteDataReader rows = reader.Statement(ListSql, 4).Query(binding, after, id, limit);
        while (rows.Read())
        {
            letters.Add(DeadLetterRow.Read(rows, binding));
        }

        return letters;
    }

    /// <summary>Replays the next dead letters of a range of ids.</summary>
    public static DeadLetterBatch Replay(SqliteSession session, string binding, (long After, long Through) ids, int max, long now)
        => ForEach(session, binding, ids, max, row =>
        {
            session.Statement(ReviveSql, 1).Run(row.Id);
            session.Statement(StepBackSql, 4).Run(row.BindingId, row.StudyId, row.Series, row.Sop);
            session.Statement(DeliverySql.NextSql, 5).Run(row.BindingId, row.StudyId, row.Series, row.Sop, now);
        });

    /// <summary>Removes the next dead letters of a range of ids.</summary>
    public static DeadLetterBatch Drop(SqliteSession session, string binding, (long After, long Through) ids, int max)
        => ForEach(session, binding, ids, max, row => session.Statement(DropSql, 1).Run(row.Id));

    private static DeadLetterBatch ForEach(
        SqliteSession session, string binding, (long After, long Through) ids, int max, Action<Row> change)
    {
        List<Row> letters = [];
        using (SqliteDataReader rows = session.Statement(SubjectsSql, 4).Query(binding, ids.After, ids.Through, max))
        {
            while (rows.Read())
            {
                letters.Add(new Row(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetString(3), rows.GetString(4)));
            }
        }

        letters.ForEach(change);
        return new DeadLetterBatch(letters.Count, letters.Count == 0 ? ids.Through : letters[^1].Id);
    }

    private sealed record Row(long Id, long BindingId, long StudyId, string Series, string Sop);
}

/// <summary>The bindings that are being removed, to which nothing may be added.</summary>
/// <remarks>Memory is enough for this: one process has the file.</remarks>
internal sealed class RemovedBindings
{
    private readonly ConcurrentDictionary<string, int> _names = new(StringComparer.Ordinal);

    public bool Contains(string binding) => _names.ContainsKey(binding);

    public void Begin(string binding) => _names[binding] = 0;

    public void End(string binding) => _names.TryRemove(binding, out _);
}
