using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Study;

/// <summary>The instance rows of the manifest that a batch of turns needs.</summary>
internal sealed class LoadedInstances
{
    private readonly Dictionary<InstanceId, InstanceState> _rows = [];

    public IReadOnlyCollection<InstanceState> All => _rows.Values;

    /// <summary>The input for closing a revision; null if no turn closes one.</summary>
    public RevisionContent? Revision { get; private init; }

    public InstanceState? Find(InstanceId id) => _rows.GetValueOrDefault(id);

    /// <summary>Loads the rows: one set query for the named ones, and one listing if a series or the study is deleted.</summary>
    public static async Task<LoadedInstances> LoadAsync(
        IManifestStore store, StudyKey key, IReadOnlyList<StudyTurn> turns, CancellationToken cancellationToken)
    {
        int? revision = turns.Select(turn => turn.NeededRevision).FirstOrDefault();
        LoadedInstances loaded = new()
        {
            Revision = revision is { } number ? await store.LoadRevisionContentAsync(key, number, cancellationToken) : null
        };
        HashSet<InstanceId> named = [.. turns.SelectMany(turn => turn.NeededInstances)];
        DeleteRequest[] listings = [.. turns.Select(turn => turn.NeededListing).OfType<DeleteRequest>()];
        if (named.Count > 0)
        {
            loaded.Add(await store.LoadInstancesAsync(key, named, cancellationToken));
        }

        if (listings.Length > 0)
        {
            bool isOneSeries = listings.All(listing => listing.Series is not null && listing.Series == listings[0].Series);
            loaded.Add(await store.ListInstancesAsync(key, isOneSeries ? listings[0].Series : null, cancellationToken));
        }

        return loaded;
    }

    private void Add(IReadOnlyList<InstanceState> rows)
    {
        foreach (InstanceState row in rows)
        {
            _rows[row.Id] = row;
        }
    }
}
