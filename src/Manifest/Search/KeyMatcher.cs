using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Manifest.Search;

/// <summary>Turns the value of a key into a match by the kind of its attribute (PS3.4 section C.2.2.2).</summary>
internal static class KeyMatcher
{
    private const string DateRule = "is a date as 20201231, or a range as 20200101-20201231, 20200101- or -20201231";
    private const string TimeRule = "is a time as 0815, 081500 or 081500.5, or a range as 0800-1200, 0800- or -1200";

    /// <summary>
    /// Null and no error for universal matching: an empty value or '*' alone. The error says how a value of the attribute reads, without
    /// repeating the one that came.
    /// </summary>
    public static AttributeMatch? Match(SearchAttribute attribute, string value, out string? error)
    {
        error = null;
        value = value.Trim(' ', '\0');
        if (value.All(character => character == '*'))
        {
            return null;
        }

        return attribute.Kind switch
        {
            SearchAttributeKind.Date => MatchRange(attribute, value, SearchValue.NormaliseDate, SearchValue.NormaliseDate, DateRule, out error),
            SearchAttributeKind.Time => MatchRange(attribute, value, SearchValue.NormaliseTime, SearchValue.NormaliseTimeEnd, TimeRule, out error),
            SearchAttributeKind.Uid => MatchList(attribute, Split(value, ",\\"), text => DicomUid.IsValid(text), "is a UID or a list of UIDs parted by commas", out error),
            SearchAttributeKind.Integer => MatchList(attribute, Split(value, ",\\"), text => SearchValue.NormaliseInteger(text) is not null, "is a whole number", out error),
            _ => MatchText(attribute, value, out error),
        };
    }

    private static AttributeMatch? MatchText(SearchAttribute attribute, string value, out string? error)
    {
        // A comma may stand in names and descriptions, but not in a code string; a backslash always parts values.
        string[] values = Split(value, DicomDictionary.VROf(attribute.Path[^1]) == DicomVR.CS ? ",\\" : "\\");
        bool hasWildcard = values.Any(text => text.AsSpan().ContainsAny('*', '?'));
        error = values.Length == 0 || (hasWildcard && values.Length > 1) ? "is one value with wildcards, or a list of values without" : null;
        if (error is not null)
        {
            return null;
        }

        return hasWildcard ? new AttributeMatch.Wildcard(attribute, values[0]) : new AttributeMatch.AnyOf(attribute, values);
    }

    private static AttributeMatch.AnyOf? MatchList(SearchAttribute attribute, string[] values, Func<string, bool> isValid, string rule, out string? error)
    {
        error = values.Length > 0 && values.All(isValid) ? null : rule;
        return error is null ? new AttributeMatch.AnyOf(attribute, values) : null;
    }

    /// <summary>A single short time such as <c>0815</c> is the range of all instants that begin so; a single date is one value.</summary>
    private static AttributeMatch? MatchRange(
        SearchAttribute attribute, string value, Func<string, string?> begin, Func<string, string?> end, string rule, out string? error)
    {
        error = rule;
        int dash = value.IndexOf('-');
        string first = dash < 0 ? value : value[..dash];
        string last = dash < 0 ? value : value[(dash + 1)..];
        string? from = first.Length == 0 ? null : begin(first);
        string? to = last.Length == 0 ? null : end(last);
        if ((from is null && first.Length > 0) || (to is null && last.Length > 0))
        {
            return null;
        }

        error = null;
        return from is null && to is null ? null
            : dash < 0 && from == to ? new AttributeMatch.AnyOf(attribute, [from!])
            : new AttributeMatch.Range(attribute, from, to);
    }

    private static string[] Split(string value, string separators)
        => value.Split(separators.ToCharArray(), StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
