using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using ImagingIngestion.Storage.Sqlite.Revisions;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>What the writer reads of a study row before it writes it; the default stands for no row.</summary>
/// <param name="Id">The row; 0 for none.</param>
/// <param name="Version">The commits so far.</param>
/// <param name="Digest">Of the columns that searches read.</param>
/// <param name="NextRevision">The number of the revision that is open, or opens next.</param>
/// <param name="Token">The fencing token of the newest claim.</param>
/// <param name="Revision">The open revision.</param>
/// <param name="UpdatedAt">When its instances changed last.</param>
internal readonly record struct StudyRow(long Id, long Version, long Digest, int NextRevision, long Token, OpenRevision Revision, long UpdatedAt)
{
    /// <summary>Whether a change was decided on this row: on its version, and on what led to it.</summary>
    public bool IsBefore(StudyChange change)
        => Version == change.After.Version
            && (change.Before is not { } before || (NextRevision == before.NextRevision && UpdatedAt == ColumnTime.ToColumn(before.UpdatedAt)));
}
