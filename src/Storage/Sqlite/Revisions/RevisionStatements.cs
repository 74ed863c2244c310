using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Revisions;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Sqlite.Revisions;

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

    /// <summary>Closes the open revision when the claim is the newest and still holds, and the revision is due.</summary>
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
