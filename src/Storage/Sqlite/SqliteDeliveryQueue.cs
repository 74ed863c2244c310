using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>The deliveries of all bindings in the manifest file.</summary>
/// <remarks>Every call looks with a reader first, and writes only if there is something to write.</remarks>
internal sealed class SqliteDeliveryQueue(
    SqliteWriter writer, SqliteReaderPool readers, RemovedBindings removed, TimeProvider timeProvider, SqliteClock clock) : IDeliveryQueue
{
    public async Task RegisterAsync(BindingDefinition binding, CancellationToken cancellationToken)
    {
        DeliveryTypes.Check(binding);
        if (!await readers.RunAsync(reader => BindingRegistration.IsKnown(reader, binding), cancellationToken).ConfigureAwait(false))
        {
            await writer.RunAsync(
                session => BindingRegistration.Register(session, binding, ColumnTime.ToColumn(timeProvider.GetUtcNow())),
                cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<FanOutResult> FanOutAsync(BindingDefinition binding, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        BindingRow? row = await readers.RunAsync(reader => BindingRow.Find(reader, binding.Name), cancellationToken).ConfigureAwait(false);
        return row is null || row.IsUpToDate
            ? new FanOutResult(row?.Cursor ?? 0, HasMore: false)
            : await writer.RunAsync(session => FanOut(session, binding, max), cancellationToken).ConfigureAwait(false);
    }

    public async Task<DeliveryClaim> ClaimAsync(string binding, string owner, TimeSpan lease, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        await clock.CorrectAsync(writer, cancellationToken).ConfigureAwait(false);
        DeliveryClaim? nothing = await readers.RunAsync(reader => FindNothing(reader, binding), cancellationToken).ConfigureAwait(false);
        return nothing
            ?? await writer.RunAsync(session => Claim(session, binding, owner, lease, max), cancellationToken).ConfigureAwait(false);
    }

    public async Task RenewAsync(IReadOnlyCollection<Delivery> deliveries, TimeSpan lease, CancellationToken cancellationToken)
    {
        if (deliveries.Count > 0)
        {
            await writer.RunAsync(
                session => DeliveryClaims.Renew(session, deliveries, ColumnTime.ToColumn(timeProvider.GetUtcNow() + lease)),
                cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task SettleAsync(IReadOnlyCollection<DeliverySettlement> settlements, CancellationToken cancellationToken)
    {
        if (settlements.Count > 0)
        {
            await writer.RunAsync(session => DeliverySettling.Settle(session, settlements, timeProvider.GetUtcNow()), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private FanOutResult FanOut(SqliteSession session, BindingDefinition binding, int max)
    {
        if (BindingRow.Find(session, binding.Name) is not { } row || removed.Contains(binding.Name))
        {
            return default;
        }

        if (row.IsUpToDate)
        {
            return new FanOutResult(row.Cursor, HasMore: false);
        }

        long now = ColumnTime.ToColumn(timeProvider.GetUtcNow());
        return row.IsInSnapshot ? SnapshotFanOut.Run(session, row, binding, max, now) : LogFanOut.Run(session, row, binding, max, now);
    }

    /// <summary>Returns the answer if nothing is due; null if something is.</summary>
    private DeliveryClaim? FindNothing(SqliteSession reader, string binding)
    {
        BindingRow? row = BindingRow.Find(reader, binding);
        if (row is null || row.IsPaused)
        {
            return DeliveryClaims.Nothing(row is not null);
        }

        DateTimeOffset now = timeProvider.GetUtcNow();
        long? next = DeliveryClaims.NextDue(reader, row);
        return next <= ColumnTime.ToColumn(now) ? null : DeliveryClaims.Nothing(isPaused: false, DeliveryClaims.Until(next, now));
    }

    private DeliveryClaim Claim(SqliteSession session, string binding, string owner, TimeSpan lease, int max)
        => removed.Contains(binding)
            ? DeliveryClaims.Nothing(isPaused: false)
            : DeliveryClaims.Claim(session, binding, owner, lease, max, timeProvider.GetUtcNow());
}

/// <summary>Registers bindings.</summary>
internal static class BindingRegistration
{
    private const string KnownSql = "SELECT count(*) FROM binding WHERE name = $1 AND kind = $2 AND keeps_every_event = $3";

    /// <summary>The cursor and the end of the snapshot are of the same moment, because one thread writes all events and rows.</summary>
    private const string InsertSql = $"""
        INSERT INTO binding (name, kind, keeps_every_event, cursor, snapshot_after, snapshot_until, created_at)
        SELECT $1, $2, $3,
            CASE WHEN $5 THEN coalesce((SELECT min(sequence) FROM event) - 1, {BindingRow.LatestSql}) ELSE {BindingRow.LatestSql} END,
            CASE WHEN rows.last > 0 THEN 0 END, CASE WHEN rows.last > 0 THEN rows.last END, $4
        FROM (
            SELECT CASE WHEN $6 THEN (SELECT coalesce(max(id), 0) FROM instance)
                WHEN $7 THEN (SELECT coalesce(max(id), 0) FROM study) ELSE 0 END AS last
        ) AS rows
        WHERE 1
        ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, keeps_every_event = excluded.keeps_every_event
        """;

    public static bool IsKnown(SqliteSession session, BindingDefinition binding)
        => (long)session.Statement(KnownSql, 3).RunScalar(binding.Name, binding.Kind, binding.KeepsEveryEvent)! > 0;

    public static int Register(SqliteSession session, BindingDefinition binding, long now)
    {
        (bool fromOldestEvent, bool instances, bool studies) = DeliveryTypes.StartOf(binding);
        return session.Statement(InsertSql, 7).Run(
            binding.Name,
            binding.Kind,
            binding.KeepsEveryEvent,
            now,
            fromOldestEvent,
            instances,
            studies);
    }
}

/// <summary>The row of a binding, with the number of the newest event.</summary>
internal sealed record BindingRow(long Id, bool IsPaused, long Cursor, long? SnapshotAfter, long? SnapshotUntil, long Latest)
{
    /// <summary>The highest number that an event has got, even if the event is no longer kept.</summary>
    public const string LatestSql = "max(coalesce((SELECT max(sequence) FROM event), 0), (SELECT removed_through FROM event_log))";

    private const string FindSql =
        $"SELECT id, is_paused, cursor, snapshot_after, snapshot_until, {LatestSql} FROM binding WHERE name = $1";

    public bool IsInSnapshot => SnapshotAfter is not null;

    /// <summary>No events and no snapshot wait to be turned into deliveries.</summary>
    public bool IsUpToDate => !IsInSnapshot && Cursor >= Latest;

    public static BindingRow? Find(SqliteSession session, string name)
    {
        using SqliteDataReader rows = session.Statement(FindSql, 1).Query(name);
        return !rows.Read() ? null : new BindingRow(
            rows.GetInt64(0),
            rows.GetBoolean(1),
            rows.GetInt64(2),
            rows.IsDBNull(3) ? null : rows.GetInt64(3),
            rows.IsDBNull(4) ? null : rows.GetInt64(4),
            rows.GetInt64(5));
    }
}

/// <summary>The SQL that statements about deliveries share.</summary>
internal static class DeliverySql
{
    /// <summary>The <c>due_at</c> of a delivery that stands behind another of the same instance or study: no claim looks at it.</summary>
    public const string Behind = "9223372036854775807";

    /// <summary>The stored numbers of <see cref="Manifest.Events.ChangeKind"/>.</summary>
    public const string Addition = "1";
    public const string Modification = "2";

    /// <summary>Makes the first waiting delivery of an instance or study due, unless one is due already.</summary>
    /// <remarks>Runs after a delivery of the instance or study was settled or replayed.</remarks>
    public const string NextSql = $"""
        UPDATE delivery SET due_at = $5
        WHERE id = (SELECT n.id FROM delivery n WHERE {SubjectOfN} AND n.is_dead = 0 ORDER BY n.slot LIMIT 1)
            AND due_at = {Behind}
            AND NOT EXISTS (SELECT 1 FROM delivery n WHERE {SubjectOfN} AND n.is_dead = 0 AND n.due_at <> {Behind})
        """;

    private const string SubjectOfN = "n.binding_id = $1 AND n.study_id = $2 AND n.series_uid = $3 AND n.sop_uid = $4";
}
