using ImagingIngestion.Manifest.Revisions;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite.Revisions;

/// <summary>The columns of a study's open revision; the default stands for none. Instants are in microseconds.</summary>
/// <param name="OpenedAt">When it was opened.</param>
/// <param name="DueAt">When it may be closed.</param>
/// <param name="Owner">Who has claimed it; null when nobody holds a claim.</param>
/// <param name="LeasedUntil">When the claim ends.</param>
internal readonly record struct OpenRevision(long? OpenedAt, long? DueAt, string? Owner, long LeasedUntil)
{
    /// <summary>
    /// After a change: opened where it was not, and due later. A claim ends when the revision is not due any more, so that it can be
    /// claimed as soon as it is.
    /// </summary>
    public OpenRevision Move(RevisionTiming timing, long now)
    {
        long openedAt = OpenedAt ?? now;
        long dueAt = Math.Min(now + ColumnTime.ToColumn(timing.Delay), openedAt + ColumnTime.ToColumn(timing.MaxDelay));
        return dueAt > now
            ? new OpenRevision(openedAt, dueAt, Owner: null, LeasedUntil: 0)
            : this with { OpenedAt = openedAt, DueAt = dueAt };
    }
}
