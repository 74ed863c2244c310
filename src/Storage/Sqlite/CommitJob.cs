using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>A group of changes that waits for the writer.</summary>
internal sealed class CommitJob(IReadOnlyList<PreparedStudyChange> changes, StudyChangeWriter writer) : WriterJob<IReadOnlyList<StudyCommitResult>>
{
    public override int Weight => changes.Count;

    public override void Write(bool isIsolated) => Answer = [.. changes.Select(change => isIsolated ? WriteIsolated(change) : writer.Apply(change))];

    private StudyCommitResult WriteIsolated(PreparedStudyChange change)
    {
        StudyCommitResult result = default;
        return writer.Session.TryInSavepoint(() => result = writer.Apply(change)) is null ? result : StudyCommitResult.Refused;
    }
}
