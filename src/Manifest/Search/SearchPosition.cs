namespace ImagingIngestion.Manifest.Search;

/// <summary>A place in the order of a search; the numbers are those of the store that gave it, 0 below the level of the search.</summary>
public sealed record SearchPosition(long Study, long Series, long Instance);
