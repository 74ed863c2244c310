namespace ImagingIngestion.Manifest.Search;

/// <summary>One page of a search.</summary>
/// <param name="Rows">At most <see cref="SearchRequest.Limit"/> rows, and fewer where they are large; at least one where any matches.</param>
/// <param name="HasMore">More rows match after these.</param>
public sealed record SearchPage(IReadOnlyList<SearchRow> Rows, bool HasMore)
{
    /// <summary>Where the next page begins; null where this one is empty.</summary>
    public SearchPosition? End { get; init; }
}
