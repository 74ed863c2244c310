using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sqlite;

namespace ImagingIngestion.Grains.Tests.Revisions;

/// <summary>A real store with scripted faults.</summary>
internal sealed class FaultyStore(SqliteManifestStore store) : IManifestStore, IRevisionQueue
{
    private int _claims;
    private int _commits;

    /// <summary>How many of the next claims fail.</summary>
    public int FailingClaims { get; set; }

    /// <summary>How many of the next commits fail.</summary>
    public int FailingCommits { get; set; }

    /// <summary>Delays every commit until it is completed.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public int Claims => Volatile.Read(ref _claims);

    public int Commits => Volatile.Read(ref _commits);

    public SemaphoreSlim CommitBegan { get; } = new(0);

    public async Task<IReadOnlyList<RevisionClaim>> ClaimDueAsync(
        string owner, TimeSpan lease, int max, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _claims);
        if (FailingClaims > 0)
        {
            FailingClaims--;
            throw new ManifestUnavailableException("scripted");
        }

        return await store.Revisions.ClaimDueAsync(owner, lease, max, cancellationToken);
    }

    public Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken) => store.Revisions.NextDueAsync(cancellationToken);

    public Task<StudyState?> LoadStudyAsync(StudyKey key, CancellationToken cancellationToken)
        => store.LoadStudyAsync(key, cancellationToken);

    public Task<IReadOnlyList<InstanceState>> LoadInstancesAsync(
        StudyKey key, IReadOnlyCollection<InstanceId> ids, CancellationToken cancellationToken)
        => store.LoadInstancesAsync(key, ids, cancellationToken);

    public Task<IReadOnlyList<InstanceState>> ListInstancesAsync(
        StudyKey key, SeriesInstanceUid? series, CancellationToken cancellationToken)
        => store.ListInstancesAsync(key, series, cancellationToken);

    public Task<RevisionContent> LoadRevisionContentAsync(StudyKey key, int revision, CancellationToken cancellationToken)
        => store.LoadRevisionContentAsync(key, revision, cancellationToken);

    public async Task<IReadOnlyList<StudyCommitResult>> CommitAsync(IReadOnlyList<StudyChange> group, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _commits);
        CommitBegan.Release();
        await Hold.WaitAsync(cancellationToken);
        if (FailingCommits > 0)
        {
            FailingCommits--;
            throw new ManifestUnavailableException("scripted");
        }

        return await store.CommitAsync(group, cancellationToken);
    }
}
