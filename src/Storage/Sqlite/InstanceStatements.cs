using ImagingIngestion.Dicom;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage;

/// <summary>The statements that write instance rows, prepared once for the writer's connection.</summary>
internal sealed class InstanceStatements : IDisposable
{
    private const string ContentSql = """
        INSERT INTO instance_content (instance_id, metadata, layout) VALUES ($1, $2, $3)
        ON CONFLICT (instance_id) DO UPDATE SET metadata = excluded.metadata, layout = excluded.layout
        """;

    /// <summary>A statement keeps the values of its last run.</summary>
    private const int WorthForgetting = 256 << 10;

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _upsert;
    private readonly SqliteStatement _upsertContent;
    private readonly SqliteStatement _deleteContent;
    private readonly SqliteStatement _delete;

    public InstanceStatements(SqliteConnection connection)
    {
        _connection = connection;
        string[] keys = ["study_id", "series_id", "sop_uid"];
        string[] values =
        [
            "sop_class_uid", "instance_number", "sort_number", "transfer_syntax_uid", "content_hash", "object_key", "object_length",
            "dataset_offset", "stored_at", "attributes", "added_revision", "changed_revision", "object_checksum",
        ];
        _upsert = new SqliteStatement(
            connection,
            $"{SqlText.Insert("instance", [.. keys, .. values])} ON CONFLICT (sop_uid, series_id) DO UPDATE SET {SqlText.TakeOver(values)} RETURNING id",
            keys.Length + values.Length);
        _upsertContent = new SqliteStatement(connection, ContentSql, 3);
        _deleteContent = new SqliteStatement(
            connection,
            "DELETE FROM instance_content WHERE instance_id IN (SELECT id FROM instance WHERE sop_uid = $1 AND series_id = $2)",
            2);
        _delete = new SqliteStatement(connection, "DELETE FROM instance WHERE sop_uid = $1 AND series_id = $2", 2);
    }

    public void Upsert(long studyId, long seriesId, PreparedInstance instance)
    {
        long id = (long)_upsert.RunScalar(
            studyId,
            seriesId,
            instance.State.Id.Sop.Value,
            instance.State.SopClass.Value,
            instance.InstanceNumber,
            instance.SortNumber,
            instance.State.TransferSyntaxUid,
            instance.Hash,
            instance.State.Object.Value,
            instance.State.ObjectLength,
            instance.State.DataSetOffset,
            ColumnTime.ToColumn(instance.State.StoredAt),
            instance.Attributes,
            instance.State.AddedRevision,
            instance.State.ChangedRevision,
            instance.Checksum)!;
        if (instance.Metadata.Length + instance.Layout.Length < WorthForgetting)
        {
            _upsertContent.Run(id, instance.Metadata, instance.Layout);
            return;
        }

        using SqliteStatement once = new(_connection, ContentSql, 3);
        once.Run(id, instance.Metadata, instance.Layout);
    }

    public void Delete(long seriesId, SopInstanceUid sop)
    {
        _deleteContent.Run(sop.Value, seriesId);
        _delete.Run(sop.Value, seriesId);
    }

    public void Dispose()
    {
        _upsert.Dispose();
        _upsertContent.Dispose();
        _deleteContent.Dispose();
        _delete.Dispose();
    }
}
