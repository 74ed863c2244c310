using System.Data.Common;
using ImagingIngestion.Manifest.Deliveries;

namespace ImagingIngestion.Storage.Sql;

/// <summary>
/// Reads bindings as operators see them: name, kind, paused, cursor, in its snapshot, waiting, the oldest that waits, dead letters.
/// </summary>
internal static class BindingStatusRow
{
    public static BindingStatus Read(DbDataReader rows) => new()
    {
        Name = rows.GetString(0),
        Kind = rows.GetString(1),
        IsPaused = rows.GetBoolean(2),
        Cursor = rows.GetInt64(3),
        IsInSnapshot = rows.GetBoolean(4),
        Waiting = rows.GetInt64(5),
        OldestWaitingSince = rows.IsDBNull(6) ? null : ColumnTime.FromColumn(rows.GetInt64(6)),
        DeadLetters = rows.GetInt64(7),
    };
}
