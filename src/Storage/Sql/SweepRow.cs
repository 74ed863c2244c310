using System.Data.Common;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Reads what the sweeper asks for.</summary>
internal static class SweepRow
{
    /// <summary>Of the table <c>instance i</c>.</summary>
    public const string NamedColumns = "i.study_id, i.series_id, i.sort_number, i.id, i.object_key, i.object_length";

    /// <summary>
    /// The last change, then epoch, nonce, covered change and time of the sweep before: NULL in a space that was never swept.
    /// </summary>
    public static SweepState State(DbDataReader row, int first, long now)
    {
        bool isNew = row.IsDBNull(first + 1);
        return new SweepState
        {
            Now = ColumnTime.FromColumn(now),
            LastChange = row.GetInt64(first),
            Epoch = isNew ? 0 : row.GetInt64(first + 1),
            Nonce = isNew ? "" : row.GetString(first + 2),
            CoveredChange = isNew ? 0 : row.GetInt64(first + 3),
            SweptAt = ColumnTime.FromColumn(isNew ? now : row.GetInt64(first + 4)),
        };
    }

    public static NamedObject Named(DbDataReader rows)
        => new(
            (rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3)), new ObjectKey(rows.GetString(4)), rows.GetInt64(5));
}
