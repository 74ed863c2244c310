using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>The manifest for the grains: the only truth about what is stored (docs/design.md, Truth in the database).</summary>
/// <remarks>Every implementation passes the same conformance kit.</remarks>
public interface IManifestStore
{
    /// <summary>Loads the study with its series; returns null if no instance of it was ever stored.</summary>
    /// <exception cref="ManifestUnavailableException">The store is unreachable or locked; try later.</exception>
    Task<StudyState?> LoadStudyAsync(StudyKey key, CancellationToken cancellationToken);

    /// <summary>Loads the existing ones of the named instances, in one set query.</summary>
    Task<IReadOnlyList<InstanceState>> LoadInstancesAsync(
        StudyKey key, IReadOnlyCollection<InstanceId> ids, CancellationToken cancellationToken);

    /// <summary>Lists all instances of the study, or of one series of it.</summary>
    Task<IReadOnlyList<InstanceState>> ListInstancesAsync(StudyKey key, SeriesInstanceUid? series, CancellationToken cancellationToken);

    /// <summary>Loads what closing a revision needs of the instances of a study.</summary>
    /// <remarks>Called after loading the study, so that it can only be newer than its version.</remarks>
    Task<RevisionContent> LoadRevisionContentAsync(StudyKey key, int revision, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the changes of several studies in one durable transaction if possible; the results are in the order of the changes.
    /// </summary>
    /// <remarks>
    /// A change that conflicts or is refused is left out, and the others commit. No two changes of a group concern the same study. A group
    /// does not wait for a study that another transaction locks: its change is left out as <see cref="StudyCommitResult.Contended"/>.
    /// </remarks>
    /// <exception cref="ManifestUnavailableException">
    /// Nothing is known to be committed; the caller must reload before it answers.
    /// </exception>
    Task<IReadOnlyList<StudyCommitResult>> CommitAsync(IReadOnlyList<StudyChange> group, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a change that was left out of its group as <see cref="StudyCommitResult.Contended"/>: waits some seconds for the lock on the
    /// study.
    /// </summary>
    /// <exception cref="ManifestUnavailableException">
    /// Nothing is known to be committed; the caller must reload before it answers.
    /// </exception>
    async Task<StudyCommitResult> CommitAloneAsync(StudyChange change, CancellationToken cancellationToken)
        => (await CommitAsync([change], cancellationToken).ConfigureAwait(false))[0];
}

/// <summary>The manifest store cannot work now (locked, full, unreachable). The message holds no values.</summary>
public sealed class ManifestUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The manifest has no space left; otherwise the fault may pass.</summary>
    public bool IsFull { get; init; }

    /// <summary>The store refuses a value of the input, and would refuse it again; other changes can still be written.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>The fault needs an operator: a permission, a table or a setting is wrong, or the data are damaged.</summary>
    public bool NeedsOperator { get; init; }

    /// <summary>The fault is the silo's and not the store's: the same call may succeed at once in another silo.</summary>
    public bool IsOfThisSilo { get; init; }
}
