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
        string[] values =
        [
            "instance_count",
            "modality",
            "index_generation",
            .. SearchIndexValues.Columns(SearchLevel.Series).Select(column => column.Name),
            "attributes"
        ];
        _find = new SqliteStatement(connection, "SELECT id FROM series WHERE series_uid = $1 AND study_id = $2", 2);
        _upsert = new SqliteStatement(
            connection,
            SqlText.Insert("series", [.. keys, .. values])
                + $" ON CONFLICT (series_uid, study_id) DO UPDATE SET {SqlText.TakeOver(values)} RETURNING id",
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
        => (long)_upsert.RunScalar([
            studyId,
            series.State.Uid.Value,
            series.State.InstanceCount,
            series.Modalities,
            (long)SearchIndexValues.Generation,
            .. series.IndexValues,
            series.Attributes
        ])!;

    /// <summary>Removes the series with all instances that are left in it.</summary>
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

/// <summary>The statements that write instance rows, prepared once for the writer's connection.</summary>
internal sealed class InstanceStatements : IDisposable
{
    private const string ContentTable = "instance_content";
    private const string MetadataColumn = "metadata";
    private const string LayoutColumn = "layout";

    /// <summary>Larger content is written in place.</summary>
    /// <remarks>SQLite copies a bound value twice before it writes it, and the statement keeps it until its next run.</remarks>
    private const int LargestBound = 256 << 10;

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _upsert;
    private readonly SqliteStatement _upsertContent;
    private readonly SqliteStatement _makeRoom;
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
            SqlText.Insert("instance", [.. keys, .. values])
                + $" ON CONFLICT (sop_uid, series_id) DO UPDATE SET {SqlText.TakeOver(values)} RETURNING id",
            keys.Length + values.Length);
        _upsertContent = new SqliteStatement(connection, ContentSql("$2", "$3"), 3);
        _makeRoom = new SqliteStatement(connection, ContentSql("zeroblob($2)", "zeroblob($3)"), 3);
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
        if (instance.Metadata.Length + instance.Layout.Length <= LargestBound)
        {
            _upsertContent.Run(id, ColumnBytes.Of(instance.Metadata), ColumnBytes.Of(instance.Layout));
            return;
        }

        _makeRoom.Run(id, instance.Metadata.Length, instance.Layout.Length);
        Write(MetadataColumn, id, instance.Metadata);
        Write(LayoutColumn, id, instance.Layout);
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
        _makeRoom.Dispose();
        _deleteContent.Dispose();
        _delete.Dispose();
    }

    private static string ContentSql(string metadata, string layout) => $"""
        INSERT INTO {ContentTable} (instance_id, {MetadataColumn}, {LayoutColumn}) VALUES ($1, {metadata}, {layout})
        ON CONFLICT (instance_id) DO UPDATE SET {MetadataColumn} = excluded.{MetadataColumn}, {LayoutColumn} = excluded.{LayoutColumn}
        """;

    private void Write(string column, long id, ReadOnlyMemory<byte> bytes)
    {
        using SqliteBlob blob = new(_connection, ContentTable, column, id);
        blob.Write(bytes.Span);
    }
}
