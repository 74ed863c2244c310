namespace ImagingIngestion.Manifest.Search;

/// <summary>One key of a search against one attribute that the manifest indexes.</summary>
public abstract record AttributeMatch(SearchAttribute Attribute)
{
    /// <summary>Any of the values equals; more than one only for UIDs and, as a leniency, other lists (PS3.4 C.2.2.2.2).</summary>
    public sealed record AnyOf(SearchAttribute Attribute, IReadOnlyList<string> Values) : AttributeMatch(Attribute);

    /// <summary>'*' stands for any characters, '?' for one (PS3.4 C.2.2.2.4).</summary>
    public sealed record Wildcard(SearchAttribute Attribute, string Pattern) : AttributeMatch(Attribute);

    /// <summary>From and to, both inclusive and in the normal form of the attribute; null is open (PS3.4 C.2.2.2.5). A time range with its end before its start crosses midnight.</summary>
    public sealed record Range(SearchAttribute Attribute, string? From, string? To) : AttributeMatch(Attribute);

    /// <summary>A date range and a time range matched together as one range of date-times (PS3.4 C.2.2.2.5.4); <see cref="AttributeMatch.Attribute"/> is the date.</summary>
    public sealed record DateTimeRange(SearchAttribute Attribute, SearchAttribute Time, string? From, string? To) : AttributeMatch(Attribute);
}
