using ImagingIngestion.Manifest.Deliveries;

namespace ImagingIngestion.Storage.Sqlite.Deliveries;

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
