using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>The statements that write study rows, prepared once for the writer's connection.</summary>
internal sealed class StudyStatements : IDisposable
{
    private const long Generation = SearchIndexValues.Generation;

    private readonly SqliteStatement _find;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _updateCounts;
    private readonly SqliteStatement _updateSearch;
    private readonly SqliteStatement _upsertAttributes;
    private readonly SqliteStatement _dropObject;
    private readonly SqliteStatement _countRepair;

    public StudyStatements(SqliteConnection connection)
    {
        string[] columns = [.. SearchIndexValues.Columns(SearchLevel.Study).Select(column => column.Name)];
        string[] fixedColumns =
        [
            "provider", "study_uid", "version", "series_count", "instance_count", "created_at", "updated_at", "is_visible",
            "search_digest", "modalities", "index_generation", "next_revision", "revision_opened_at", "revision_due_at"
        ];
        _find = new SqliteStatement(
            connection,
            """
            SELECT id, version, search_digest, next_revision, revision_token, revision_opened_at, revision_due_at,
                revision_owner, revision_leased_until, updated_at
            FROM study WHERE study_uid = $1 AND provider = $2
            """,
            2);
        _insert = new SqliteStatement(
            connection, SqlText.Insert("study", [.. fixedColumns, .. columns]) + " RETURNING id", fixedColumns.Length + columns.Length);
        _updateCounts = new SqliteStatement(
            connection,
            """
            UPDATE study SET version = version + 1, series_count = $2, instance_count = $3, updated_at = $4, next_revision = $5,
                revision_opened_at = $6, revision_due_at = $7, revision_owner = $8, revision_leased_until = $9
            WHERE id = $1
            """,
            9);
        string[] searchColumns = ["is_visible", "search_digest", "modalities", "index_generation", .. columns];
        _updateSearch = new SqliteStatement(
            connection, $"UPDATE study SET {SqlText.Assignments(searchColumns, 2)} WHERE id = $1", searchColumns.Length + 1);
        _upsertAttributes = new SqliteStatement(
            connection,
            """
            INSERT INTO study_attributes (study_id, attributes) VALUES ($1, $2)
            ON CONFLICT (study_id) DO UPDATE SET attributes = excluded.attributes
            """,
            2);
        _dropObject = new SqliteStatement(
            connection,
            """
            INSERT INTO dropped_object (object_key, dropped_at) VALUES ($1, $2)
            ON CONFLICT (object_key) DO UPDATE SET dropped_at = excluded.dropped_at
            """,
            2);
        _countRepair = new SqliteStatement(connection, "UPDATE repair SET changes = changes + 1", 0);
    }

    /// <summary>Returns the row as it is; the default if there is none.</summary>
    public StudyRow Find(StudyKey key)
    {
        using SqliteDataReader reader = _find.Query(key.Study.Value, key.Provider.Value);
        return reader.Read()
            ? new StudyRow(
                reader.GetInt64(0),
                reader.GetInt64(1),
                reader.GetInt64(2),
                reader.GetInt32(3),
                reader.GetInt64(4),
                ReadRevision(reader, 5),
                reader.GetInt64(9))
            : default;
    }

    /// <summary>Writes the study row.</summary>
    /// <param name="change">Its new values.</param>
    /// <param name="row">The row as it was found, with the version that the change expects.</param>
    /// <param name="revision">The open revision after the change.</param>
    /// <returns>The id of the row.</returns>
    public long Write(PreparedStudyChange change, StudyRow row, OpenRevision revision)
    {
        StudyState after = change.Change.After;
        if (row.Id == 0)
        {
            long id = (long)_insert.RunScalar([
                after.Key.Provider.Value, after.Key.Study.Value, 1L, after.Series.Count, after.InstanceCount,
                ColumnTime.ToColumn(after.CreatedAt),
                ColumnTime.ToColumn(after.UpdatedAt), change.IsVisible, change.SearchDigest, change.Modalities, Generation,
                after.NextRevision, revision.OpenedAt,
                revision.DueAt, .. change.IndexValues])!;
            _upsertAttributes.Run(id, change.Attributes);
            return id;
        }

        _updateCounts.Run(
            row.Id, after.Series.Count, after.InstanceCount, ColumnTime.ToColumn(after.UpdatedAt), after.NextRevision, revision.OpenedAt,
            revision.DueAt, revision.Owner, revision.LeasedUntil);
        if (row.Digest != change.SearchDigest)
        {
            _updateSearch.Run([row.Id, change.IsVisible, change.SearchDigest, change.Modalities, Generation, .. change.IndexValues]);
            _upsertAttributes.Run(row.Id, change.Attributes);
        }

        return row.Id;
    }

    public void DropObject(ObjectKey key, long droppedAt) => _dropObject.Run(key.Value, droppedAt);

    /// <summary>Counts a change that has no event, so that the sweeper notices it.</summary>
    public void CountRepair() => _countRepair.Run();

    public void Dispose()
    {
        _find.Dispose();
        _insert.Dispose();
        _updateCounts.Dispose();
        _updateSearch.Dispose();
        _upsertAttributes.Dispose();
        _dropObject.Dispose();
        _countRepair.Dispose();
    }

    private static OpenRevision ReadRevision(SqliteDataReader reader, int first) => new(
        reader.IsDBNull(first) ? null : reader.GetInt64(first),
        reader.IsDBNull(first + 1) ? null : reader.GetInt64(first + 1),
        reader.IsDBNull(first + 2) ? null : reader.GetString(first + 2),
        reader.GetInt64(first + 3));
}

/// <summary>What the writer reads of a study row before it writes the row; the default stands for no row.</summary>
/// <param name="Id">The row; 0 for none.</param>
/// <param name="Version">How many commits there were so far.</param>
/// <param name="Digest">The digest of the columns that searches read.</param>
/// <param name="NextRevision">The number of the revision that is open, or opens next.</param>
/// <param name="Token">The fencing token of the newest claim.</param>
/// <param name="Revision">The open revision.</param>
/// <param name="UpdatedAt">When its instances last changed.</param>
internal readonly record struct StudyRow(
    long Id, long Version, long Digest, int NextRevision, long Token, OpenRevision Revision, long UpdatedAt)
{
    /// <summary>Returns true if a change was decided on this row: on its version, and on the history that led to it.</summary>
    public bool IsBefore(StudyChange change)
        => Version == change.After.Version
            && (change.Before is not { } before
                || (NextRevision == before.NextRevision && UpdatedAt == ColumnTime.ToColumn(before.UpdatedAt)));
}

/// <summary>The columns of a study's open revision; the default stands for none. Instants are in microseconds.</summary>
/// <param name="OpenedAt">When it was opened.</param>
/// <param name="DueAt">When it may be closed.</param>
/// <param name="Owner">Who has claimed it; null if nobody holds a claim.</param>
/// <param name="LeasedUntil">When the claim ends.</param>
internal readonly record struct OpenRevision(long? OpenedAt, long? DueAt, string? Owner, long LeasedUntil)
{
    /// <summary>Opens the revision if none is open, and moves its due time.</summary>
    /// <remarks>If the new due time is in the future, a claim ends, so that the revision can be claimed as soon as it is due.</remarks>
    public OpenRevision Move(RevisionTiming timing, long now)
    {
        long openedAt = OpenedAt ?? now;
        long dueAt = Math.Min(now + ColumnTime.ToColumn(timing.Delay), openedAt + ColumnTime.ToColumn(timing.MaxDelay));
        return dueAt > now
            ? new OpenRevision(openedAt, dueAt, Owner: null, LeasedUntil: 0)
            : this with { OpenedAt = openedAt, DueAt = dueAt };
    }
}
