using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Events;

/// <summary>Which events to read.</summary>
/// <param name="After">The number to read on behind, 0 for the beginning.</param>
/// <param name="Limit">The most events in a page.</param>
/// <param name="Types">Only these; all when empty.</param>
/// <param name="Provider">Only those of this storage space; all when null.</param>
public sealed record EventQuery(long After, int Limit, IReadOnlyCollection<EventType> Types, ProviderName? Provider = null);
