using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage;

/// <summary>Applies one change within the transaction that the writer has open.</summary>
internal sealed class StudyChangeWriter(SqliteConnection connection, SqliteSession session, TimeProvider timeProvider) : IDisposable
{
    /// <summary>No series has this id, so a row that names it breaks its foreign key and the change is refused.</summary>
    private const long UnknownSeries = 0;

    private readonly StudyStatements _studies = new(connection);
    private readonly SeriesStatements _series = new(connection);
    private readonly InstanceStatements _instances = new(connection);

    /// <summary>The connection that it writes on.</summary>
    public SqliteSession Session { get; } = session;

    /// <summary>Answers <see cref="StudyCommitResult.VersionConflict"/> before anything is written.</summary>
    /// <exception cref="SqliteException">Part of the change may be written; roll back.</exception>
    public StudyCommitResult Apply(PreparedStudyChange change)
    {
        if (_studies.Write(change) is not { } studyId)
        {
            return StudyCommitResult.VersionConflict;
        }

        Dictionary<SeriesInstanceUid, long> seriesIds = [];
        foreach (PreparedSeries series in change.Series)
        {
            seriesIds[series.State.Uid] = _series.Upsert(studyId, series);
        }

        foreach (InstanceId removed in change.Change.RemovedInstances)
        {
            _instances.Delete(SeriesId(studyId, removed.Series, seriesIds), removed.Sop);
        }

        foreach (SeriesInstanceUid removed in change.Change.RemovedSeries)
        {
            _series.Delete(studyId, removed);
        }

        foreach (PreparedInstance instance in change.Instances)
        {
            _instances.Upsert(studyId, SeriesId(studyId, instance.State.Id.Series, seriesIds), instance);
        }

        DropObjects(change.Change.DroppedObjects);
        return StudyCommitResult.Committed;
    }

    public void Dispose()
    {
        _studies.Dispose();
        _series.Dispose();
        _instances.Dispose();
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

    private void DropObjects(IReadOnlyList<ObjectKey> keys)
    {
        if (keys.Count == 0)
        {
            return;
        }

        long now = SqliteTime.ToColumn(timeProvider.GetUtcNow());
        foreach (ObjectKey key in keys)
        {
            _studies.DropObject(key, now);
        }
    }
}
