namespace ImagingIngestion.Storage.Sqlite.Deliveries;

/// <summary>What the statements about deliveries share.</summary>
internal static class DeliverySql
{
    /// <summary>
    /// <c>due_at</c> of a delivery that stands behind another one of the same instance or study: never due, so that no claim looks at it.
    /// </summary>
    public const string Behind = "9223372036854775807";

    /// <summary>The stored numbers of <see cref="Manifest.Events.ChangeKind"/>.</summary>
    public const string Addition = "1";
    public const string Modification = "2";

    /// <summary>
    /// After one of an instance or study is settled or comes back, the first of the others is due, unless one is already.
    /// </summary>
    public const string NextSql = $"""
        UPDATE delivery SET due_at = $5
        WHERE id = (SELECT n.id FROM delivery n WHERE {SubjectOfN} AND n.is_dead = 0 ORDER BY n.slot LIMIT 1)
            AND due_at = {Behind}
            AND NOT EXISTS (SELECT 1 FROM delivery n WHERE {SubjectOfN} AND n.is_dead = 0 AND n.due_at <> {Behind})
        """;

    private const string SubjectOfN = "n.binding_id = $1 AND n.study_id = $2 AND n.series_uid = $3 AND n.sop_uid = $4";
}
