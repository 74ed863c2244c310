using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Manifest.Search;

/// <summary>Collects the keys of a QIDO-RS or C-FIND query into matches of indexed attributes.</summary>
public sealed class SearchKeys(SearchLevel level)
{
    private readonly Dictionary<SearchAttribute, List<AttributeMatch>> _matches = [];
    private readonly Dictionary<SearchAttribute, List<string>> _lists = [];
    private readonly HashSet<SearchAttribute> _ranges = [];
    private int _values;
    private int _words;

    /// <summary>All must match.</summary>
    /// <remarks>
    /// A repeated key with single values is one list, as some clients write lists of UIDs; other repetitions must all match.
    /// </remarks>
    public IReadOnlyList<AttributeMatch> Matches
        => [.. _lists.Select(list => new AttributeMatch.AnyOf(list.Key, list.Value)), .. _matches.Values.SelectMany(matches => matches)];

    /// <summary>
    /// Returns the indexed attribute of a path (the tag, with its sequence before it) at the searched level or above; null otherwise.
    /// </summary>
    /// <remarks>At study level, Modality means the modalities in the study.</remarks>
    public SearchAttribute? Indexed(IReadOnlyList<DicomTag> path)
    {
        SearchAttribute? attribute = SearchAttributes.Find(path);
        if (level == SearchLevel.Study && attribute == SearchAttributes.Modality)
        {
            return SearchAttributes.ModalitiesInStudy;
        }

        return attribute is not null && attribute.Level <= level ? attribute : null;
    }

    /// <summary>Adds a key; returns null, or the rule that its value breaks.</summary>
    public string? Add(SearchAttribute attribute, string value)
    {
        AttributeMatch? match = KeyMatcher.Match(attribute, value, out string? rule);
        if (rule is not null)
        {
            return rule;
        }

        if (match is not null && TakeShare(match) is { } excess)
        {
            return excess;
        }

        if (match is AttributeMatch.AnyOf list)
        {
            Take(_lists, attribute).AddRange(list.Values);
        }
        else if (match is not null)
        {
            Take(_matches, attribute).Add(match);
        }

        if (value.Contains('-'))
        {
            _ranges.Add(attribute);
        }

        return null;
    }

    /// <summary>Combines a date range and a time range into one range of date-times (PS3.4 section C.2.2.2.5.4).</summary>
    public void CombineDateTimes()
    {
        CombineDateTime(SearchAttributes.StudyDate, SearchAttributes.StudyTime);
        CombineDateTime(SearchAttributes.PerformedProcedureStepStartDate, SearchAttributes.PerformedProcedureStepStartTime);
    }

    private static List<T> Take<T>(Dictionary<SearchAttribute, List<T>> lists, SearchAttribute attribute)
    {
        if (!lists.TryGetValue(attribute, out List<T>? list))
        {
            lists.Add(attribute, list = []);
        }

        return list;
    }

    /// <summary>Counts what a key adds to the search; returns which limit is exceeded, or null.</summary>
    private string? TakeShare(AttributeMatch match)
    {
        IReadOnlyList<string> values = match switch
        {
            AttributeMatch.AnyOf list => list.Values,
            AttributeMatch.Wildcard wildcard => [wildcard.Pattern],
            _ => [],
        };
        _values += values.Count;
        if (_values > SearchLimits.Values)
        {
            return $"is one too many: a search takes {SearchLimits.Values} values";
        }

        if (match.Attribute.Kind is not (SearchAttributeKind.Text or SearchAttributeKind.PersonName))
        {
            return null;
        }

        int known = _lists.TryGetValue(match.Attribute, out List<string>? earlier) ? earlier.Count : 0;
        if (known + values.Count > SearchLimits.TextsOfKey)
        {
            return $"has at most {SearchLimits.TextsOfKey} values";
        }

        if (values.Any(value => value.Length > SearchLimits.TextLength))
        {
            return $"has at most {SearchLimits.TextLength} characters";
        }

        _words += values.Sum(value => Math.Max(1, SearchValue.NameWords(value).Count));
        return _words > SearchLimits.Words ? $"is too long: the names and texts of a search have at most {SearchLimits.Words} words" : null;
    }

    /// <summary>
    /// Combines a date range and a time range, not a single time: from the first time of the first day to the last time of the last.
    /// </summary>
    private void CombineDateTime(SearchAttribute date, SearchAttribute time)
    {
        if (!_ranges.Contains(time)
            || !_matches.TryGetValue(date, out List<AttributeMatch>? dates)
            || !_matches.TryGetValue(time, out List<AttributeMatch>? times)
            || dates is not [AttributeMatch.Range days] || times is not [AttributeMatch.Range clock])
        {
            return;
        }

        string? from = days.From is null ? null : days.From + (clock.From ?? "000000.000000");
        string? to = days.To is null ? null : days.To + (clock.To ?? "235959.999999");
        _matches[date] = [new AttributeMatch.DateTimeRange(date, time, from, to)];
        _matches.Remove(time);
    }
}

/// <summary>One key of a search against one attribute that the manifest indexes.</summary>
public abstract record AttributeMatch(SearchAttribute Attribute)
{
    /// <summary>Any of the values matches; several only for UIDs and, as a leniency, other lists (PS3.4 C.2.2.2.2).</summary>
    public sealed record AnyOf(SearchAttribute Attribute, IReadOnlyList<string> Values) : AttributeMatch(Attribute);

    /// <summary>'*' stands for any characters, '?' for one (PS3.4 C.2.2.2.4).</summary>
    public sealed record Wildcard(SearchAttribute Attribute, string Pattern) : AttributeMatch(Attribute);

    /// <summary>From and to, both inclusive and in the normal form of the attribute; null is open (PS3.4 C.2.2.2.5).</summary>
    /// <remarks>A time range whose end is before its start crosses midnight.</remarks>
    public sealed record Range(SearchAttribute Attribute, string? From, string? To) : AttributeMatch(Attribute);

    /// <summary>
    /// A date range and a time range matched together as one range of date-times (PS3.4 C.2.2.2.5.4);
    /// <see cref="AttributeMatch.Attribute"/> is the date.
    /// </summary>
    public sealed record DateTimeRange(SearchAttribute Attribute, SearchAttribute Time, string? From, string? To)
        : AttributeMatch(Attribute);
}

/// <summary>Converts the value of a key to a match by the kind of its attribute (PS3.4 section C.2.2.2).</summary>
internal static class KeyMatcher
{
    private const string DateRule = "is a date as 20201231, or a range as 20200101-20201231, 20200101- or -20201231";
    private const string TimeRule = "is a time as 0815, 081500 or 081500.5, or a range as 0800-1200, 0800- or -1200";

    /// <summary>Returns the match; null without an error for universal matching, an empty value or '*' alone.</summary>
    /// <remarks>The error states the rule without repeating the value.</remarks>
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
            SearchAttributeKind.Date =>
                MatchRange(attribute, value, SearchValue.NormaliseDate, SearchValue.NormaliseDate, DateRule, out error),
            SearchAttributeKind.Time =>
                MatchRange(attribute, value, SearchValue.NormaliseTime, SearchValue.NormaliseTimeEnd, TimeRule, out error),
            SearchAttributeKind.Uid => MatchList(
                attribute, Split(value, ",\\"), text => DicomUid.IsValid(text), "is a UID or a list of UIDs separated by commas", out error),
            SearchAttributeKind.Integer => MatchList(
                attribute, Split(value, ",\\"), text => SearchValue.NormaliseInteger(text) is not null, "is a whole number", out error),
            _ => MatchText(attribute, value, out error),
        };
    }

    private static AttributeMatch? MatchText(SearchAttribute attribute, string value, out string? error)
    {
        // A comma may occur in names and descriptions, but not in a code string; a backslash always separates values.
        string[] values = Split(value, DicomDictionary.VROf(attribute.Path[^1]) == DicomVR.CS ? ",\\" : "\\");
        bool hasWildcard = values.Any(text => text.AsSpan().ContainsAny('*', '?'));
        error = values.Length == 0 || (hasWildcard && values.Length > 1)
            ? "is one value with wildcards, or a list of values without"
            : null;
        if (error is not null)
        {
            return null;
        }

        return hasWildcard ? new AttributeMatch.Wildcard(attribute, values[0]) : new AttributeMatch.AnyOf(attribute, values);
    }

    private static AttributeMatch.AnyOf? MatchList(
        SearchAttribute attribute, string[] values, Func<string, bool> isValid, string rule, out string? error)
    {
        error = values.Length > 0 && values.All(isValid) ? null : rule;
        return error is null ? new AttributeMatch.AnyOf(attribute, values) : null;
    }

    /// <summary>Matches a range.</summary>
    /// <remarks>A short time such as <c>0815</c> is the range of all instants with that beginning; a single date is one value.</remarks>
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
