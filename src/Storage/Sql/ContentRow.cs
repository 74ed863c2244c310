using System.Data.Common;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Sql;

/// <summary>The SQL and the rows of checks of the content, the same in both stores.</summary>
internal static class ContentRow
{
    /// <summary>The columns of the tables <c>instance i</c>, <c>series r</c> and <c>study s</c>.</summary>
    public const string Columns = $"i.study_id, i.series_id, i.sort_number, i.id, s.study_uid, {InstanceRow.Columns}";

    public const string DamagedKeysSql = "SELECT object_key FROM damaged_object WHERE object_key > $1 ORDER BY object_key LIMIT $2";

    public const string SetChecksumSql =
        "UPDATE instance SET object_checksum = $4 WHERE study_id = $1 AND id = $2 AND object_key = $3 AND object_checksum IS NULL";

    public const string CountSql = "SELECT coalesce(sum(instance_count), 0) FROM study WHERE provider = $1";

    public const string ProgressSql =
        "SELECT study_id, series_id, sort_number, instance_id, objects, begun_at FROM content_check WHERE provider = $1 AND name = $2";

    public const string SaveProgressSql = """
        INSERT INTO content_check (provider, name, study_id, series_id, sort_number, instance_id, objects, begun_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (provider, name) DO UPDATE SET
            study_id = excluded.study_id, series_id = excluded.series_id, sort_number = excluded.sort_number,
            instance_id = excluded.instance_id, objects = excluded.objects, begun_at = excluded.begun_at
        """;

    public const string ForgetProgressSql = "DELETE FROM content_check WHERE provider = $1 AND name = $2";

    private const int Instance = 5;

    /// <summary>Returns the query for a page of instances.</summary>
    /// <remarks>
    /// <c>$1</c> is the storage space, <c>$2</c> to <c>$5</c> are the position after which the page begins, <c>$6</c> is the largest number
    /// of rows.
    /// </remarks>
    /// <param name="join">A join that makes the store begin with the instances.</param>
    public static string ListSql(string join) => $"""
        SELECT {Columns}
        FROM instance i {join} study s ON s.id = i.study_id {join} series r ON r.id = i.series_id
        WHERE (i.study_id, i.series_id, i.sort_number, i.id) > ($2, $3, $4, $5) AND s.provider = $1
        ORDER BY i.study_id, i.series_id, i.sort_number, i.id LIMIT $6
        """;

    /// <summary>Lists flagged objects page by page until a row names one of them.</summary>
    /// <remarks>A deleted row leaves its flag until its object is swept.</remarks>
    /// <param name="after">The key after which the list begins.</param>
    /// <param name="keysBehind">Lists the flagged keys after a key.</param>
    /// <param name="find">Finds the rows that name the keys.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<IReadOnlyList<ListedInstance>> ListDamagedAsync(
        ObjectKey after,
        Func<string, CancellationToken, Task<IReadOnlyList<ObjectKey>>> keysBehind,
        Func<IReadOnlyList<ObjectKey>, CancellationToken, Task<IReadOnlyList<ListedInstance>>> find,
        CancellationToken cancellationToken)
    {
        string last = after.IsDefault ? "" : after.Value;
        while (await keysBehind(last, cancellationToken).ConfigureAwait(false) is { Count: > 0 } keys)
        {
            IReadOnlyList<ListedInstance> found = await find(keys, cancellationToken).ConfigureAwait(false);
            if (found.Count > 0)
            {
                return [.. found.OrderBy(instance => instance.State.Object.Value, StringComparer.Ordinal)];
            }

            last = keys[^1].Value;
        }

        return [];
    }

    public static ListedInstance Listed(DbDataReader row)
        => new(
            new InstancePosition(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)),
            new StudyInstanceUid(row.GetString(4)),
            InstanceRow.Read(row, Instance));

    public static ContentProgress Progress(DbDataReader row)
        => new(
            new InstancePosition(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)),
            row.GetInt64(4),
            ColumnTime.FromColumn(row.GetInt64(5)));
}
