using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Revisions;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// The manifest as the grains see it: the one truth about what is stored (design D1, D6). Every implementation passes the same conformance
/// kit.
/// </summary>
public interface IManifestStore
{
    /// <summary>The study with its series, null when no instance of it was ever stored.</summary>
    /// <exception cref="ManifestUnavailableException">The store cannot be reached or is locked; try later.</exception>
    Task<StudyState?> LoadStudyAsync(StudyKey key, CancellationToken cancellationToken);

    /// <summary>Those of the named instances that exist, in one set query.</summary>
    Task<IReadOnlyList<InstanceState>> LoadInstancesAsync(
        StudyKey key, IReadOnlyCollection<InstanceId> ids, CancellationToken cancellationToken);

    /// <summary>All instances of the study, or of one series of it.</summary>
    Task<IReadOnlyList<InstanceState>> ListInstancesAsync(StudyKey key, SeriesInstanceUid? series, CancellationToken cancellationToken);

    /// <summary>
    /// What closing a revision needs to know of the instances of a study. Read after the study, so that it can only be newer than its
    /// version.
    /// </summary>
    Task<RevisionContent> LoadRevisionContentAsync(StudyKey key, int revision, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the changes of several studies in one durable transaction where possible. A change that conflicts or is refused is left out
    /// and the others commit; the results are in the order of the changes. No two changes of a group name the same study. A group does not
    /// wait for a study that somebody else holds: its change is left out as <see cref="StudyCommitResult.Contended"/>.
    /// </summary>
    /// <exception cref="ManifestUnavailableException">
    /// Nothing is known to be committed; whoever asked must reload before it answers.
    /// </exception>
    Task<IReadOnlyList<StudyCommitResult>> CommitAsync(IReadOnlyList<StudyChange> group, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a change that was left out of its group as <see cref="StudyCommitResult.Contended"/>: waits some seconds for whoever holds
    /// the study.
    /// </summary>
    /// <exception cref="ManifestUnavailableException">
    /// Nothing is known to be committed; whoever asked must reload before it answers.
    /// </exception>
    async Task<StudyCommitResult> CommitAloneAsync(StudyChange change, CancellationToken cancellationToken)
        => (await CommitAsync([change], cancellationToken).ConfigureAwait(false))[0];
}
