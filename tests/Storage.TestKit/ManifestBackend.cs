using ImagingIngestion.Grains;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>An open manifest store as the kit needs it.</summary>
/// <param name="Store">What grains see.</param>
/// <param name="Query">What searches and retrieves see.</param>
/// <param name="Revisions">What schedulers of revisions see.</param>
/// <param name="Events">What subscribers see.</param>
/// <param name="Time">The clock of the store.</param>
/// <param name="DroppedObjects">The keys that the sweeper would find; no port tells them.</param>
/// <param name="Reopen">Closes the store and opens what it has left behind, with the same clock.</param>
public sealed record ManifestBackend(
    IManifestStore Store,
    IManifestQuery Query,
    IRevisionQueue Revisions,
    IEventLog Events,
    ManualTime Time,
    Func<Task<IReadOnlyList<string>>> DroppedObjects,
    Func<Task<ManifestBackend>> Reopen);
