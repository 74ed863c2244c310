using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite.Deliveries;

/// <summary>Makes bindings known.</summary>
internal static class BindingRegistration
{
    private const string KnownSql = "SELECT count(*) FROM binding WHERE name = $1 AND kind = $2 AND keeps_every_event = $3";

    /// <summary>The writer numbers events and adds rows one after the other, so that the cursor and the end of the snapshot are of one moment.</summary>
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
