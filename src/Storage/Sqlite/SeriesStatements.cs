using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>The statements that write series rows, prepared once for the writer's connection.</summary>
internal sealed class SeriesStatements : IDisposable
{
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _upsert;
    private readonly SqliteStatement _deleteContents;
    private readonly SqliteStatement _deleteInstances;
    private readonly SqliteStatement _delete;

    public SeriesStatements(SqliteConnection connection)
    {
        string[] keys = ["study_id", "series_uid"];
        string[] values = ["instance_count", "modality", "index_generation", .. SearchIndexValues.Columns(SearchLevel.Series).Select(column => column.Name), "attributes"];
        _find = new SqliteStatement(connection, "SELECT id FROM series WHERE series_uid = $1 AND study_id = $2", 2);
        _upsert = new SqliteStatement(
            connection,
            $"{SqlText.Insert("series", [.. keys, .. values])} ON CONFLICT (series_uid, study_id) DO UPDATE SET {SqlText.TakeOver(values)} RETURNING id",
            keys.Length + values.Length);
        _deleteContents = new SqliteStatement(
            connection,
            "DELETE FROM instance_content WHERE instance_id IN (SELECT id FROM instance WHERE study_id = $1 AND series_id = $2)",
            2);
        _deleteInstances = new SqliteStatement(connection, "DELETE FROM instance WHERE study_id = $1 AND series_id = $2", 2);
        _delete = new SqliteStatement(connection, "DELETE FROM series WHERE id = $1", 1);
    }

    public long? Find(long studyId, SeriesInstanceUid uid) => (long?)_find.RunScalar(uid.Value, studyId);

    public long Upsert(long studyId, PreparedSeries series)
        => (long)_upsert.RunScalar([studyId, series.State.Uid.Value, series.State.InstanceCount, series.Modalities, (long)SearchIndexValues.Generation, .. series.IndexValues, series.Attributes])!;

    /// <summary>Removes the series with whatever is left in it.</summary>
    public void Delete(long studyId, SeriesInstanceUid uid)
    {
        if (Find(studyId, uid) is { } id)
        {
            _deleteContents.Run(studyId, id);
            _deleteInstances.Run(studyId, id);
            _delete.Run(id);
        }
    }

    public void Dispose()
    {
        _find.Dispose();
        _upsert.Dispose();
        _deleteContents.Dispose();
        _deleteInstances.Dispose();
        _delete.Dispose();
    }
}
