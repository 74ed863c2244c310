using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite.Deliveries;

/// <summary>The row of a binding, with the number of the newest event.</summary>
internal sealed record BindingRow(long Id, bool IsPaused, long Cursor, long? SnapshotAfter, long? SnapshotUntil, long Latest)
{
    /// <summary>The highest number that was given to an event, whether or not it is still kept.</summary>
    public const string LatestSql = "max(coalesce((SELECT max(sequence) FROM event), 0), (SELECT removed_through FROM event_log))";

    private const string FindSql =
        $"SELECT id, is_paused, cursor, snapshot_after, snapshot_until, {LatestSql} FROM binding WHERE name = $1";

    public bool IsInSnapshot => SnapshotAfter is not null;

    /// <summary>Neither events nor a snapshot wait to be turned into deliveries.</summary>
    public bool IsUpToDate => !IsInSnapshot && Cursor >= Latest;

    public static BindingRow? Find(SqliteSession session, string name)
    {
        using SqliteDataReader rows = session.Statement(FindSql, 1).Query(name);
        return !rows.Read() ? null : new BindingRow(
            rows.GetInt64(0),
            rows.GetBoolean(1),
            rows.GetInt64(2),
            rows.IsDBNull(3) ? null : rows.GetInt64(3),
            rows.IsDBNull(4) ? null : rows.GetInt64(4),
            rows.GetInt64(5));
    }
}
