using ImagingIngestion.Grains;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage;

/// <summary>The statements that write study rows, prepared once for the writer's connection.</summary>
internal sealed class StudyStatements : IDisposable
{
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _updateCounts;
    private readonly SqliteStatement _updateSearch;
    private readonly SqliteStatement _upsertAttributes;
    private readonly SqliteStatement _dropObject;

    public StudyStatements(SqliteConnection connection)
    {
        string[] columns = [.. SearchIndexValues.Columns(SearchLevel.Study).Select(column => column.Name)];
        string[] fixedColumns = ["provider", "study_uid", "version", "series_count", "instance_count", "created_at", "updated_at", "is_visible", "search_digest", "modalities"];
        _find = new SqliteStatement(connection, "SELECT id, version, search_digest FROM study WHERE study_uid = $1 AND provider = $2", 2);
        _insert = new SqliteStatement(connection, SqlText.Insert("study", [.. fixedColumns, .. columns]) + " RETURNING id", fixedColumns.Length + columns.Length);
        _updateCounts = new SqliteStatement(connection, "UPDATE study SET version = version + 1, series_count = $2, instance_count = $3, updated_at = $4 WHERE id = $1", 4);
        string[] searchColumns = ["is_visible", "search_digest", "modalities", .. columns];
        _updateSearch = new SqliteStatement(connection, $"UPDATE study SET {SqlText.Assignments(searchColumns, 2)} WHERE id = $1", searchColumns.Length + 1);
        _upsertAttributes = new SqliteStatement(
            connection,
            "INSERT INTO study_attributes (study_id, attributes) VALUES ($1, $2) ON CONFLICT (study_id) DO UPDATE SET attributes = excluded.attributes",
            2);
        _dropObject = new SqliteStatement(
            connection,
            "INSERT INTO dropped_object (object_key, dropped_at) VALUES ($1, $2) ON CONFLICT (object_key) DO UPDATE SET dropped_at = excluded.dropped_at",
            2);
    }

    /// <summary>Writes the study row if its version is the expected one; null when it is not.</summary>
    public long? Write(PreparedStudyChange change)
    {
        StudyState after = change.Change.After;
        (long id, long version, long digest) = Find(after.Key);
        if (version != after.Version)
        {
            return null;
        }

        if (id == 0)
        {
            id = (long)_insert.RunScalar([
                after.Key.Provider.Value, after.Key.Study.Value, 1L, after.Series.Count, after.InstanceCount, SqliteTime.ToColumn(after.CreatedAt),
                SqliteTime.ToColumn(after.UpdatedAt), change.IsVisible, change.SearchDigest, change.Modalities, .. change.IndexValues])!;
            _upsertAttributes.Run(id, change.Attributes);
            return id;
        }

        _updateCounts.Run(id, after.Series.Count, after.InstanceCount, SqliteTime.ToColumn(after.UpdatedAt));
        if (digest != change.SearchDigest)
        {
            _updateSearch.Run([id, change.IsVisible, change.SearchDigest, change.Modalities, .. change.IndexValues]);
            _upsertAttributes.Run(id, change.Attributes);
        }

        return id;
    }

    public void DropObject(ObjectKey key, long droppedAt) => _dropObject.Run(key.Value, droppedAt);

    public void Dispose()
    {
        _find.Dispose();
        _insert.Dispose();
        _updateCounts.Dispose();
        _updateSearch.Dispose();
        _upsertAttributes.Dispose();
        _dropObject.Dispose();
    }

    private (long Id, long Version, long Digest) Find(StudyKey key)
    {
        using SqliteDataReader reader = _find.Query(key.Study.Value, key.Provider.Value);
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)) : default;
    }
}
