using ImagingIngestion.Grains;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>An open manifest store as the kit needs it.</summary>
/// <param name="Store">What grains see.</param>
/// <param name="Query">What searches and retrieves see.</param>
/// <param name="DroppedObjects">The keys that the sweeper would find; no port tells them.</param>
public sealed record ManifestBackend(IManifestStore Store, IManifestQuery Query, Func<Task<IReadOnlyList<string>>> DroppedObjects);
