namespace ImagingIngestion.Manifest.Search;

/// <summary>One page of a search.</summary>
/// <param name="Rows">
/// At most <see cref="SearchRequest.Limit"/> rows, and fewer where they are large; at least one where any matches.
/// </param>
/// <param name="HasMore">More rows match after these.</param>
public sealed record SearchPage(IReadOnlyList<SearchRow> Rows, bool HasMore)
{
    /// <summary>Where the next page begins; null where this one is empty.</summary>
    public SearchPosition? End { get; init; }
}

/// <summary>A place in the order of a search; the numbers are those of the store that gave it, 0 below the level of the search.</summary>
public sealed record SearchPosition(long Study, long Series, long Instance);
