using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite.Deliveries;

/// <summary>
/// The deliveries of all bindings in the file of the manifest. Every call looks with a reader first and writes only when there is something
/// to write.
/// </summary>
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
        await clock.LookAsync(writer, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Null when something is due.</summary>
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

/// <summary>Makes bindings known.</summary>
internal static class BindingRegistration
{
    private const string KnownSql = "SELECT count(*) FROM binding WHERE name = $1 AND kind = $2 AND keeps_every_event = $3";

    /// <summary>
    /// The writer numbers events and adds rows one after the other, so that the cursor and the end of the snapshot are of one moment.
    /// </summary>
    private const string InsertSql = $"""
        INSERT INTO binding (name, kind, keeps_every_event, cursor, snapshot_after, snapshot_until, created_at)
        SELECT $1, $2, $3, CASE WHEN $5 THEN coalesce((SELECT min(sequence) FROM event) - 1, {BindingRow.LatestSql}) ELSE {BindingRow.LatestSql} END,
            CASE WHEN rows.last > 0 THEN 0 END, CASE WHEN rows.last > 0 THEN rows.last END, $4
        FROM (
            SELECT CASE WHEN $6 THEN (SELECT coalesce(max(id), 0) FROM instance) WHEN $7 THEN (SELECT coalesce(max(id), 0) FROM study) ELSE 0 END AS last
        ) AS rows
        WHERE 1
        ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, keeps_every_event = excluded.keeps_every_event
        """;

    public static bool IsKnown(SqliteSession session, BindingDefinition binding)
        => (long)session.Statement(KnownSql, 3).RunScalar(binding.Name, binding.Kind, binding.KeepsEveryEvent)! > 0;

    public static int Register(SqliteSession session, BindingDefinition binding, long now)
    {
        bool fromBeginning = binding.Start == BindingStart.Beginning;
        bool takesSnapshot = fromBeginning && !binding.KeepsEveryEvent;
        bool takesInstances = DeliveryTypes.TakesInstances(binding);
        return session.Statement(InsertSql, 7).Run(
            binding.Name,
            binding.Kind,
            binding.KeepsEveryEvent,
            now,
            fromBeginning && binding.KeepsEveryEvent,
            takesSnapshot && takesInstances,
            takesSnapshot && !takesInstances);
    }
}

/// <summary>
/// Turns what the manifest held when a binding began into deliveries, a part at a time. What an event after that beginning speaks of is
/// left to the log, so that it is not delivered twice.
/// </summary>
internal static class SnapshotFanOut
{
    private const string Insert =
        "INSERT INTO delivery (binding_id, study_id, series_uid, sop_uid, slot, sequence, type, change, revision, due_at, created_at)";
    private const string OnConflict = "ON CONFLICT (binding_id, study_id, series_uid, sop_uid, slot) DO NOTHING";
    private const string LastInstanceSql = "SELECT max(id) FROM (SELECT id FROM instance WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3)";
    private const string LastStudySql = "SELECT max(id) FROM (SELECT id FROM study WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3)";
    private const string AdvanceSql =
        "UPDATE binding SET snapshot_after = $2, snapshot_until = CASE WHEN $2 IS NULL THEN NULL ELSE snapshot_until END WHERE id = $1";

    private static readonly string InstancesSql = $"""
        {Insert}
        SELECT $1, i.study_id, r.series_uid, i.sop_uid, 0, $5, $6, {DeliverySql.Addition}, NULL, $4, $4
        FROM instance i CROSS JOIN series r ON r.id = i.series_id
        WHERE i.id > $2 AND i.id <= $3
            AND {DeliveryFilter.ValuePasses("(SELECT s.provider FROM study s WHERE s.id = i.study_id)", "$7")}
            AND {DeliveryFilter.ManifestModalitiesPass("r.modality", "$8")}
            AND NOT EXISTS (
                SELECT 1 FROM event e
                WHERE e.change = {DeliverySql.Modification} AND e.study_id = i.study_id AND e.series_uid = r.series_uid AND e.sop_uid = i.sop_uid AND e.sequence > $5)
        ORDER BY i.id
        {OnConflict}
        """;

    private static readonly string StudiesSql = $"""
        {Insert}
        SELECT $1, s.id, '', '', 0, $5, $6, NULL, v.revision, $4, $4
        FROM study s CROSS JOIN study_revision v ON v.study_id = s.id AND v.revision = (SELECT max(n.revision) FROM study_revision n WHERE n.study_id = s.id)
        WHERE s.id > $2 AND s.id <= $3
            AND {DeliveryFilter.ValuePasses("s.provider", "$7")}
            AND {DeliveryFilter.ManifestModalitiesPass("s.modalities", "$8")}
            AND NOT EXISTS (SELECT 1 FROM event e WHERE e.revision IS NOT NULL AND e.study_id = s.id AND e.sequence > $5)
        ORDER BY s.id
        {OnConflict}
        """;

    public static FanOutResult Run(SqliteSession session, BindingRow row, BindingDefinition binding, int max, long now)
    {
        bool takesInstances = DeliveryTypes.TakesInstances(binding);
        long? last = session.Statement(takesInstances ? LastInstanceSql : LastStudySql, 3).RunScalar(
            row.SnapshotAfter, row.SnapshotUntil, max) as long?;

        // The manifest does not know who called, so that nothing of it passes a filter for that.
        if (last is { } through && binding.Filter.CallingAeTitles.Count == 0)
        {
            DeliveryFilter filter = new(binding);
            session.Statement(takesInstances ? InstancesSql : StudiesSql, 8).Run(
                row.Id, row.SnapshotAfter, through, now, row.Cursor, (int)DeliveryTypes.OfSnapshot(binding), filter.Providers,
                filter.Modalities);
        }

        bool isFinished = last is null || last >= row.SnapshotUntil;
        session.Statement(AdvanceSql, 2).Run(row.Id, isFinished ? null : last);
        return new FanOutResult(row.Cursor, !isFinished || row.Cursor < row.Latest);
    }
}

/// <summary>Turns events of the log into deliveries, with one statement for all of them.</summary>
internal static class LogFanOut
{
    private const string LastSql = "SELECT max(sequence) FROM (SELECT sequence FROM event WHERE sequence > $1 ORDER BY sequence LIMIT $2)";
    private const string AdvanceSql = "UPDATE binding SET cursor = $2 WHERE id = $1";

    private const string Columns = "binding_id, study_id, series_uid, sop_uid, slot, sequence, type, change, revision, due_at, created_at";
    private const string Series = "coalesce(e.series_uid, '')";
    private const string Sop = "coalesce(e.sop_uid, '')";

    private static readonly string From = $"""
        FROM event e
        WHERE e.sequence > $2 AND e.sequence <= $3
            AND (($5 >> e.type) & 1) = 1
            AND {DeliveryFilter.ValuePasses("(SELECT s.provider FROM study s WHERE s.id = e.study_id)", "$6")}
            AND {DeliveryFilter.ModalitiesPass("e.modalities", "$7")}
            AND {DeliveryFilter.ValuePasses("e.calling_ae", "$8")}
        ORDER BY e.sequence
        """;

    /// <summary>In the order of events, so that the last one of an instance or study stays. What is on its way keeps its lease.</summary>
    private static readonly string SupersedeSql = $"""
        INSERT INTO delivery ({Columns})
        SELECT $1, e.study_id, {Series}, {Sop}, 0, e.sequence, e.type, e.change, e.revision, CASE WHEN {AnotherWaits("o.slot > 0")} THEN {DeliverySql.Behind} ELSE $4 END, $4
        {From}
        ON CONFLICT (binding_id, study_id, series_uid, sop_uid, slot) DO UPDATE SET
            sequence = excluded.sequence,
            type = excluded.type,
            change = CASE WHEN change = {DeliverySql.Modification} AND excluded.change IS NOT NULL THEN change ELSE excluded.change END,
            revision = excluded.revision,
            due_at = CASE WHEN owner IS NOT NULL THEN due_at WHEN is_dead = 1 THEN excluded.due_at WHEN due_at = {DeliverySql.Behind} THEN due_at ELSE $4 END,
            attempts = CASE WHEN owner IS NULL THEN 0 ELSE attempts END,
            last_error = CASE WHEN owner IS NULL THEN NULL ELSE last_error END,
            is_dead = 0,
            dead_since = NULL
        """;

    /// <summary>The first event of an instance or study of which nothing waits is due; those after it stand behind.</summary>
    private static readonly string KeepSql = $"""
        INSERT INTO delivery ({Columns})
        SELECT $1, e.study_id, {Series}, {Sop}, e.sequence, e.sequence, e.type, e.change, e.revision,
            CASE WHEN row_number() OVER (PARTITION BY e.study_id, e.series_uid, e.sop_uid ORDER BY e.sequence) > 1 OR {AnotherWaits("1")} THEN {DeliverySql.Behind} ELSE $4 END, $4
        {From}
        ON CONFLICT (binding_id, study_id, series_uid, sop_uid, slot) DO NOTHING
        """;

    public static FanOutResult Run(SqliteSession session, BindingRow row, BindingDefinition binding, int max, long now)
    {
        long last = session.Statement(LastSql, 2).RunScalar(row.Cursor, max) is long found ? found : row.Latest;
        DeliveryFilter filter = new(binding);
        session.Statement(binding.KeepsEveryEvent ? KeepSql : SupersedeSql, 8).Run(
            row.Id, row.Cursor, last, now, filter.Types, filter.Providers, filter.Modalities, filter.CallingAeTitles);
        session.Statement(AdvanceSql, 2).Run(row.Id, last);
        return new FanOutResult(last, last < row.Latest);
    }

    private static string AnotherWaits(string slots) => $"""
        EXISTS (
            SELECT 1 FROM delivery o
            WHERE o.binding_id = $1 AND o.study_id = e.study_id AND o.series_uid = {Series} AND o.sop_uid = {Sop} AND o.is_dead = 0 AND {slots})
        """;
}
