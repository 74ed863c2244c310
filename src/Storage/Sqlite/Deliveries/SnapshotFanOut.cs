using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite.Deliveries;

/// <summary>
/// Turns what the manifest held when a binding began into deliveries, a part at a time. What an event after that beginning speaks of is left
/// to the log, so that it is not delivered twice.
/// </summary>
internal static class SnapshotFanOut
{
    private const string Insert = "INSERT INTO delivery (binding_id, study_id, series_uid, sop_uid, slot, sequence, type, change, revision, due_at, created_at)";
    private const string OnConflict = "ON CONFLICT (binding_id, study_id, series_uid, sop_uid, slot) DO NOTHING";
    private const string LastInstanceSql = "SELECT max(id) FROM (SELECT id FROM instance WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3)";
    private const string LastStudySql = "SELECT max(id) FROM (SELECT id FROM study WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3)";
    private const string AdvanceSql = "UPDATE binding SET snapshot_after = $2, snapshot_until = CASE WHEN $2 IS NULL THEN NULL ELSE snapshot_until END WHERE id = $1";

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
        long? last = session.Statement(takesInstances ? LastInstanceSql : LastStudySql, 3).RunScalar(row.SnapshotAfter, row.SnapshotUntil, max) as long?;

        // The manifest does not know who called, so that nothing of it passes a filter for that.
        if (last is { } through && binding.Filter.CallingAeTitles.Count == 0)
        {
            DeliveryFilter filter = new(binding);
            session.Statement(takesInstances ? InstancesSql : StudiesSql, 8).Run(
                row.Id, row.SnapshotAfter, through, now, row.Cursor, (int)DeliveryTypes.OfSnapshot(binding), filter.Providers, filter.Modalities);
        }

        bool isFinished = last is null || last >= row.SnapshotUntil;
        session.Statement(AdvanceSql, 2).Run(row.Id, isFinished ? null : last);
        return new FanOutResult(row.Cursor, !isFinished || row.Cursor < row.Latest);
    }
}
