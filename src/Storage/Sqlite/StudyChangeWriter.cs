using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using ImagingIngestion.Storage.Sqlite.Events;
using ImagingIngestion.Storage.Sqlite.Revisions;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Applies one change within the transaction that the writer has open.</summary>
internal sealed class StudyChangeWriter(SqliteConnection connection, SqliteSession session, TimeProvider timeProvider) : IDisposable
{
    /// <summary>No series has this id, so a row that names it breaks its foreign key and the change is refused.</summary>
    private const long UnknownSeries = 0;

    private readonly StudyStatements _studies = new(connection);
    private readonly SeriesStatements _series = new(connection);
    private readonly InstanceStatements _instances = new(connection);
    private readonly RevisionStatements _revisions = new(connection);
    private readonly EventStatements _events = new(connection);

    /// <summary>The connection that it writes on.</summary>
    public SqliteSession Session { get; } = session;

    /// <summary>Events were written, perhaps taken back, since somebody set this to false.</summary>
    public bool HasWrittenEvents { get; set; }

    /// <summary>
    /// Answers <see cref="StudyCommitResult.VersionConflict"/> and <see cref="StudyCommitResult.NotDue"/> before anything is written.
    /// </summary>
    /// <exception cref="SqliteException">Part of the change may be written; roll back.</exception>
    public StudyCommitResult Apply(PreparedStudyChange change)
    {
        long now = ColumnTime.Now(timeProvider);
        StudyRow row = _studies.Find(change.Change.After.Key);
        if (!row.IsBefore(change.Change))
        {
            return StudyCommitResult.VersionConflict;
        }

        if (change.Change.Closing is { } closing)
        {
            if (!_revisions.TryClose(row, closing.Claim, change.Change.After.NextRevision, ColumnBytes.Of(closing.Data), now))
            {
                return StudyCommitResult.NotDue;
            }

            AddEvents(row.Id, change.Events, now);
            return StudyCommitResult.Committed;
        }

        OpenRevision revision = row.Revision;
        if (change.Change.Timing is { } timing)
        {
            revision = revision.Move(timing, now);
        }
        else
        {
            _studies.CountRepair();
        }

        long studyId = _studies.Write(change, row, revision);
        WriteRows(studyId, change);
        AddEvents(studyId, change.Events, now);
        foreach (ObjectKey key in change.Change.DroppedObjects)
        {
            _studies.DropObject(key, now);
        }

        return StudyCommitResult.Committed;
    }

    public void Dispose()
    {
        _studies.Dispose();
        _series.Dispose();
        _instances.Dispose();
        _revisions.Dispose();
        _events.Dispose();
    }

    private void WriteRows(long studyId, PreparedStudyChange change)
    {
        Dictionary<SeriesInstanceUid, long> seriesIds = [];
        foreach (PreparedSeries series in change.Series)
        {
            seriesIds[series.State.Uid] = _series.Upsert(studyId, series);
        }

        foreach (InstanceId removed in change.Change.RemovedInstances)
        {
            _instances.Delete(SeriesId(studyId, removed.Series, seriesIds), removed.Sop);
            _revisions.AddDeleted(studyId, change.Change.After.NextRevision, removed);
        }

        foreach (SeriesInstanceUid removed in change.Change.RemovedSeries)
        {
            _series.Delete(studyId, removed);
        }

        foreach (PreparedInstance instance in change.Instances)
        {
            _instances.Upsert(studyId, SeriesId(studyId, instance.State.Id.Series, seriesIds), instance);
        }
    }

    private long SeriesId(long studyId, SeriesInstanceUid uid, Dictionary<SeriesInstanceUid, long> known)
    {
        if (!known.TryGetValue(uid, out long id))
        {
            id = _series.Find(studyId, uid) ?? UnknownSeries;
            known[uid] = id;
        }

        return id;
    }

    private void AddEvents(long studyId, IReadOnlyList<PreparedEvent> events, long now)
    {
        foreach (PreparedEvent content in events)
        {
            _events.Add(studyId, content, now);
            HasWrittenEvents = true;
        }
    }
}

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
            $"{SqlText.Insert(
                "series", [.. keys, .. values])} ON CONFLICT (series_uid, study_id) DO UPDATE SET {SqlText.TakeOver(values)} RETURNING id",
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

/// <summary>The statements that write instance rows, prepared once for the writer's connection.</summary>
internal sealed class InstanceStatements : IDisposable
{
    private const string ContentTable = "instance_content";
    private const string MetadataColumn = "metadata";
    private const string LayoutColumn = "layout";

    /// <summary>
    /// SQLite copies a bound value twice before it writes it, and the statement keeps it until its next run. Larger content is written in
    /// place.
    /// </summary>
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
            $"{SqlText.Insert(
                "instance", [.. keys, .. values])} ON CONFLICT (sop_uid, series_id) DO UPDATE SET {SqlText.TakeOver(values)} RETURNING id",
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
