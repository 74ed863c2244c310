using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
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

    /// <summary>Answers <see cref="StudyCommitResult.VersionConflict"/> and <see cref="StudyCommitResult.NotDue"/> before anything is written.</summary>
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
