using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite.Deliveries;

/// <summary>Reads dead letters, brings them back and drops them.</summary>
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

    /// <summary>The one that comes back may be the first of several that wait.</summary>
    private const string StepBackSql = $"""
        UPDATE delivery SET due_at = {DeliverySql.Behind}
        WHERE binding_id = $1 AND study_id = $2 AND series_uid = $3 AND sop_uid = $4 AND is_dead = 0 AND owner IS NULL AND due_at <> {DeliverySql.Behind}
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

    /// <summary>Delivers the next dead letters of a range of ids again.</summary>
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

    private static DeadLetterBatch ForEach(SqliteSession session, string binding, (long After, long Through) ids, int max, Action<Row> change)
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
