using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Silo.Tests.Cluster;

/// <summary>One silo's access to the manifest, which a test can hold up or break while the others work.</summary>
internal sealed class GatedStore(IManifestStore inner) : IManifestStore
{
    /// <summary>Commits wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Loads of studies wait for it.</summary>
    public Task LoadGate { get; set; } = Task.CompletedTask;

    /// <summary>The exception of commits; null for none.</summary>
    public Func<Exception>? Fault { get; set; }

    /// <summary>Runs before each commit.</summary>
    public Func<Task>? BeforeCommit { get; set; }

    /// <summary>Released once for each commit that began.</summary>
    public SemaphoreSlim CommitBegan { get; } = new(0);

    /// <summary>Released once for each load of a study that began.</summary>
    public SemaphoreSlim LoadBegan { get; } = new(0);

    public int Commits { get; private set; }

    public async Task<StudyState?> LoadStudyAsync(StudyKey key, CancellationToken cancellationToken)
    {
        LoadBegan.Release();
        await LoadGate;
        return await inner.LoadStudyAsync(key, cancellationToken);
    }

    public Task<IReadOnlyList<InstanceState>> LoadInstancesAsync(
        StudyKey key, IReadOnlyCollection<InstanceId> ids, CancellationToken cancellationToken)
        => inner.LoadInstancesAsync(key, ids, cancellationToken);

    public Task<IReadOnlyList<InstanceState>> ListInstancesAsync(
        StudyKey key, SeriesInstanceUid? series, CancellationToken cancellationToken)
        => inner.ListInstancesAsync(key, series, cancellationToken);

    public Task<RevisionContent> LoadRevisionContentAsync(StudyKey key, int revision, CancellationToken cancellationToken)
        => inner.LoadRevisionContentAsync(key, revision, cancellationToken);

    /// <summary>A frozen process does not look at its token.</summary>
    public async Task<IReadOnlyList<StudyCommitResult>> CommitAsync(IReadOnlyList<StudyChange> group, CancellationToken cancellationToken)
    {
        Commits++;
        CommitBegan.Release();
        await Gate;
        if (BeforeCommit is { } before)
        {
            await before();
        }

        return Fault is { } fault ? throw fault() : await inner.CommitAsync(group, cancellationToken);
    }
}
