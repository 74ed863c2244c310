using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>The common base of the manifest kit.</summary>
public abstract class ManifestConformance : IAsyncLifetime
{
    private ManifestBackend? _backend;

    protected IManifestStore Store => _backend!.Store;

    protected IManifestQuery Query => _backend!.Query;

    protected IRevisionQueue Revisions => _backend!.Revisions;

    protected IEventLog Events => _backend!.Events;

    protected IDeliveryQueue Deliveries => _backend!.Deliveries;

    protected IBindingAdministration Bindings => _backend!.Bindings;

    protected ICommitmentQueue Commitments => _backend!.Commitments;

    protected ISweepLedger Sweep => _backend!.Sweep;

    protected IDamagedObjects Damaged => _backend!.Damaged;

    protected IContentLedger Content => _backend!.Content;

    protected ISearchIndex Index => _backend!.Index;

    protected FakeTimeProvider Time => _backend!.Time;

    public async Task InitializeAsync() => _backend = await OpenAsync();

    public abstract Task DisposeAsync();

    /// <summary>Opens the store, which may hold studies of other tests.</summary>
    /// <remarks>For the kits of revisions, events, deliveries and commitments it is empty.</remarks>
    protected abstract Task<ManifestBackend> OpenAsync();

    protected async Task ReopenAsync() => _backend = await _backend!.Reopen();

    protected Task ExecuteAsync(string sql) => _backend!.Execute(sql);

    protected Task<IReadOnlyList<string>> DroppedObjectsAsync() => _backend!.DroppedObjects();

    protected async Task<StudyCommitResult> CommitAsync(StudyChange change)
        => Assert.Single(await Store.CommitAsync([change], CancellationToken.None));

    /// <summary>Commits a change that must succeed, and counts the version of the sample.</summary>
    protected async Task SaveAsync(SampleStudy study, StudyChange change)
    {
        Assert.Equal(StudyCommitResult.Committed, await CommitAsync(change));
        study.Version++;
        await EventsAreNumberedAsync();
    }

    protected Task EventsAreNumberedAsync() => _backend!.EventsAreNumbered();

    protected async Task<IReadOnlyList<StoredInstance>> RetrieveAsync(
        RetrieveScope scope, StoredInstanceParts parts = StoredInstanceParts.None)
    {
        List<StoredInstance> instances = [];
        await foreach (StoredInstance instance in Query.RetrieveAsync(scope, parts, CancellationToken.None))
        {
            instances.Add(instance);
        }

        return instances;
    }

    protected Task<SearchPage> SearchAsync(SearchRequest request) => Query.SearchAsync(request, CancellationToken.None);
}
