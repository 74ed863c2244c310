using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Manifest.Search;

/// <summary>Gathers the keys of a query, of QIDO-RS or of C-FIND, into matches of the attributes that the manifest indexes.</summary>
public sealed class SearchKeys(SearchLevel level)
{
    private readonly Dictionary<SearchAttribute, List<AttributeMatch>> _matches = [];
    private readonly Dictionary<SearchAttribute, List<string>> _lists = [];
    private readonly HashSet<SearchAttribute> _ranges = [];
    private int _values;
    private int _words;

    /// <summary>All must hold. A key that is repeated with single values is one list, as some clients write lists of UIDs; other repetitions must all match.</summary>
    public IReadOnlyList<AttributeMatch> Matches
        => [.. _lists.Select(list => new AttributeMatch.AnyOf(list.Key, list.Value)), .. _matches.Values.SelectMany(matches => matches)];

    /// <summary>
    /// The indexed attribute with this path (the tag, with the sequence that it stands in before it), where it stands at the level searched or
    /// above; else null. Modality asked of studies means the modalities in them.
    /// </summary>
    public SearchAttribute? Indexed(IReadOnlyList<DicomTag> path)
    {
        SearchAttribute? attribute = SearchAttributes.Find(path);
        if (level == SearchLevel.Study && attribute == SearchAttributes.Modality)
        {
            return SearchAttributes.ModalitiesInStudy;
        }

        return attribute is not null && attribute.Level <= level ? attribute : null;
    }

    /// <summary>Takes a key; answers null, or how a value of the attribute reads.</summary>
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

    /// <summary>Makes one range of instants where a date range and a time range came (PS3.4 section C.2.2.2.5.4).</summary>
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

    /// <summary>Counts what a key adds to the search; returns what is too much.</summary>
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

    /// <summary>A date range and a time range (not a single time) run from the first time of the first day to the last time of the last.</summary>
    private void CombineDateTime(SearchAttribute date, SearchAttribute time)
    {
        if (!_ranges.Contains(time) || !_matches.TryGetValue(date, out List<AttributeMatch>? dates) || !_matches.TryGetValue(time, out List<AttributeMatch>? times)
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
