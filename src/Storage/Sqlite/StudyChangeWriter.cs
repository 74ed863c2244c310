using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Applies one change within the transaction that the writer has open.</summary>
internal sealed class StudyChangeWriter(SqliteConnection connection, SqliteSession session, TimeProvider timeProvider) : IDisposable
{
    /// <summary>No series has this id: a row that names it breaks its foreign key, and the change is refused.</summary>
    private const long UnknownSeries = 0;

    private readonly StudyStatements _studies = new(connection);
    private readonly SeriesStatements _series = new(connection);
    private readonly InstanceStatements _instances = new(connection);
    private readonly RevisionStatements _revisions = new(connection);
    private readonly EventStatements _events = new(connection);

    /// <summary>The connection on which it writes.</summary>
    public SqliteSession Session { get; } = session;

    /// <summary>Events were written since this was set to false, even if they were rolled back.</summary>
    public bool HasWrittenEvents { get; set; }

    /// <summary>Writes a change.</summary>
    /// <remarks>
    /// Returns <see cref="StudyCommitResult.VersionConflict"/> or <see cref="StudyCommitResult.NotDue"/> before anything is written.
    /// </remarks>
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

/// <summary>The statements that keep the deletions of an open revision and close it, prepared once for the writer's connection.</summary>
internal sealed class RevisionStatements(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _insertDeleted = new(
        connection, "INSERT OR IGNORE INTO deleted_instance (study_id, revision, series_uid, sop_uid) VALUES ($1, $2, $3, $4)", 4);

    private readonly SqliteStatement _clearDeleted = new(
        connection, "DELETE FROM deleted_instance WHERE study_id = $1 AND revision = $2", 2);

    private readonly SqliteStatement _insertRevision = new(
        connection, "INSERT INTO study_revision (study_id, revision, closed_at, data) VALUES ($1, $2, $3, $4)", 4);

    private readonly SqliteStatement _close = new(
        connection,
        """
        UPDATE study SET version = version + 1, next_revision = $2,
            revision_opened_at = NULL, revision_due_at = NULL, revision_owner = NULL, revision_leased_until = 0
        WHERE id = $1
        """,
        2);

    public void AddDeleted(long studyId, int revision, InstanceId instance)
        => _insertDeleted.Run(studyId, revision, instance.Series.Value, instance.Sop.Value);

    /// <summary>Closes the open revision if it is due and the claim is the newest and still holds.</summary>
    public bool TryClose(StudyRow study, RevisionClaim claim, int nextRevision, byte[] data, long now)
    {
        bool isClaimed = study.Revision.Owner is not null && study.Token == claim.Token && study.NextRevision == claim.Revision;
        if (!isClaimed || !(study.Revision.DueAt <= now))
        {
            return false;
        }

        _insertRevision.Run(study.Id, claim.Revision, now, data);
        _close.Run(study.Id, nextRevision);
        _clearDeleted.Run(study.Id, claim.Revision);
        return true;
    }

    public void Dispose()
    {
        _insertDeleted.Dispose();
        _clearDeleted.Dispose();
        _insertRevision.Dispose();
        _close.Dispose();
    }
}

/// <summary>The statement that writes events, prepared once for the writer's connection. The database numbers them.</summary>
internal sealed class EventStatements : IDisposable
{
    private readonly SqliteStatement _insert;

    public EventStatements(SqliteConnection connection)
    {
        string[] columns =
        [
            "type", "occurred_at", "study_id", "series_uid", "sop_uid", "change", "revision", "modalities", "calling_ae", "object_key",
            "data"
        ];
        _insert = new SqliteStatement(connection, SqlText.Insert("event", columns), columns.Length);
    }

    public void Add(long studyId, PreparedEvent content, long now) => _insert.Run(
        content.Type, now, studyId, content.Series, content.Sop, content.Change, content.Revision, content.Modalities,
        content.CallingAeTitle, content.Object, content.Data);

    public void Dispose() => _insert.Dispose();
}
