namespace ImagingIngestion.Manifest.Search;

/// <summary>A column that every store fills from the attributes of a level.</summary>
/// <param name="Name">Its name in every SQL store.</param>
/// <param name="Attribute">Where its values come from.</param>
/// <param name="HoldsWords">The column holds the words of a name for fuzzy matching rather than the name.</param>
public sealed record SearchIndexColumn(string Name, SearchAttribute Attribute, bool HoldsWords);
