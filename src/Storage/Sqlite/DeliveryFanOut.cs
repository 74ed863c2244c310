using System.Globalization;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Turns events of the log into deliveries, with one statement for all events.</summary>
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

    /// <summary>Goes through the events in order, so that the last one of an instance or study stays.</summary>
    /// <remarks>A delivery in progress keeps its lease.</remarks>
    private static readonly string SupersedeSql = $"""
        INSERT INTO delivery ({Columns})
        SELECT $1, e.study_id, {Series}, {Sop}, 0, e.sequence, e.type, e.change, e.revision,
            CASE WHEN {AnotherWaits("o.slot > 0")} THEN {DeliverySql.Behind} ELSE $4 END, $4
        {From}
        ON CONFLICT (binding_id, study_id, series_uid, sop_uid, slot) DO UPDATE SET
            sequence = excluded.sequence,
            type = excluded.type,
            change = CASE WHEN change = {DeliverySql.Modification} AND excluded.change IS NOT NULL THEN change ELSE excluded.change END,
            revision = excluded.revision,
            due_at = CASE WHEN owner IS NOT NULL THEN due_at WHEN is_dead = 1 THEN excluded.due_at
                WHEN due_at = {DeliverySql.Behind} THEN due_at ELSE $4 END,
            attempts = CASE WHEN owner IS NULL THEN 0 ELSE attempts END,
            last_error = CASE WHEN owner IS NULL THEN NULL ELSE last_error END,
            is_dead = 0,
            dead_since = NULL
        """;

    /// <summary>The first event of an instance or study is due if no other waits; later events stand behind it.</summary>
    private static readonly string KeepSql = $"""
        INSERT INTO delivery ({Columns})
        SELECT $1, e.study_id, {Series}, {Sop}, e.sequence, e.sequence, e.type, e.change, e.revision,
            CASE WHEN row_number() OVER (PARTITION BY e.study_id, e.series_uid, e.sop_uid ORDER BY e.sequence) > 1 OR {AnotherWaits("1")}
                THEN {DeliverySql.Behind} ELSE $4 END, $4
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
            WHERE o.binding_id = $1 AND o.study_id = e.study_id AND o.series_uid = {Series} AND o.sop_uid = {Sop}
                AND o.is_dead = 0 AND {slots})
        """;
}

/// <summary>Turns the manifest, as it was when a binding began, into deliveries in batches.</summary>
/// <remarks>Instances and studies with a later event are left to the log, so that nothing is delivered twice.</remarks>
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
                WHERE e.change = {DeliverySql.Modification} AND e.study_id = i.study_id AND e.series_uid = r.series_uid
                    AND e.sop_uid = i.sop_uid AND e.sequence > $5)
        ORDER BY i.id
        {OnConflict}
        """;

    private static readonly string StudiesSql = $"""
        {Insert}
        SELECT $1, s.id, '', '', 0, $5, $6, NULL, v.revision, $4, $4
        FROM study s CROSS JOIN study_revision v ON v.study_id = s.id AND v.revision = (
            SELECT max(n.revision) FROM study_revision n WHERE n.study_id = s.id)
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

        // The manifest does not hold calling AE titles, so a filter on them lets nothing of it pass.
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

/// <summary>The filter of a binding as parameters of set statements; null if everything passes.</summary>
internal sealed class DeliveryFilter
{
    public DeliveryFilter(BindingDefinition binding)
    {
        Types = EventRow.Mask(binding.Types);
        Providers = Enclose([.. binding.Filter.Providers.Select(provider => provider.Value)]);
        CallingAeTitles = Enclose(binding.Filter.CallingAeTitles);
        Modalities = binding.Filter.Modalities.Count == 0 ? null : JsonList.Of(DeliveryTypes.EnclosedModalities(binding));
    }

    /// <summary>Bit n is set for the type with the number n.</summary>
    public long Types { get; }

    /// <summary>Enclosed in backslashes, which no name of a storage space and no AE title contains.</summary>
    public string? Providers { get; }

    /// <summary>Enclosed in backslashes.</summary>
    public string? CallingAeTitles { get; }

    /// <summary>A JSON array of lower-case values, each enclosed in backslashes as in the log.</summary>
    public string? Modalities { get; }

    /// <summary>Returns the condition that a column of the log with modalities passes.</summary>
    public static string ModalitiesPass(string column, string parameter)
        => $"({parameter} IS NULL OR EXISTS ("
            + $"SELECT 1 FROM json_each({parameter}) AS wanted WHERE instr(lower({column}), wanted.value) > 0))";

    /// <summary>Returns the same condition for a column of the manifest, which encloses its values by another character.</summary>
    public static string ManifestModalitiesPass(string column, string parameter)
        => ModalitiesPass(
            string.Create(CultureInfo.InvariantCulture, $"replace({column}, char({(int)SearchValue.Delimiter}), '\\')"), parameter);

    /// <summary>Returns the condition that a column with one value passes.</summary>
    public static string ValuePasses(string value, string parameter)
        => $"({parameter} IS NULL OR instr({parameter}, '\\' || {value} || '\\') > 0)";

    private static string? Enclose(IReadOnlyList<string> values) => values.Count == 0 ? null : $"\\{string.Join('\\', values)}\\";
}
