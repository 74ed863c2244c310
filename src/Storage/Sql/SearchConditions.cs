using System.Globalization;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Storage.Sql;

/// <summary>The WHERE clause of a search. Values stand in parameters only; column names come from <see cref="SearchAttributes"/>.</summary>
/// <param name="dialect">How the store looks into a text.</param>
/// <param name="fuzzyMatching">Names may match by their words.</param>
internal sealed class SearchConditions(ISearchDialect dialect, bool fuzzyMatching)
{
    private const char Delimiter = SearchValue.Delimiter;

    private readonly List<string> _conditions = [];

    public List<object?> Parameters { get; } = [];

    /// <summary>A key is no value of its kind, so that no row can match it.</summary>
    public bool MatchNothing { get; private set; }

    public string Sql => string.Join(" AND ", _conditions);

    /// <summary>The parameter with the name of the storage space, which every search begins with.</summary>
    public static string Provider => "$1";

    public void Add(string condition) => _conditions.Add(condition);

    /// <summary>Each value as it stands in a column that holds several.</summary>
    public static string[] Enclosed(IEnumerable<object> values) => [.. values.Select(value => $"{Delimiter}{value}{Delimiter}")];

    /// <summary>A value that stands in the SQL as the returned parameter.</summary>
    public string Parameter(object? value)
    {
        Parameters.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"${Parameters.Count}");
    }

    /// <summary>All that a search asks for.</summary>
    /// <param name="request">What is searched.</param>
    /// <param name="dialect">How the store looks into a text.</param>
    /// <param name="isVisible">The condition that a study is shown.</param>
    /// <param name="isNewestOfPatient">The condition that the patient has no newer study; added where the search asks for it.</param>
    public static SearchConditions Of(SearchRequest request, ISearchDialect dialect, string isVisible, string isNewestOfPatient)
    {
        SearchConditions conditions = new(dialect, request.FuzzyMatching);
        conditions.Add($"s.provider = {conditions.Parameter(request.Provider.Value)}");
        conditions.Add(isVisible);
        if (request.Study is { } study)
        {
            conditions.Add($"s.study_uid = {conditions.Parameter(study.Value)}");
        }

        if (request.Series is { } series)
        {
            conditions.Add($"r.series_uid = {conditions.Parameter(series.Value)}");
        }

        foreach (AttributeMatch match in request.Matches.Where(match => match.Attribute.Level <= request.Level))
        {
            conditions.Add(match);
        }

        if (request.NewestOfPatient)
        {
            conditions.Add(isNewestOfPatient);
        }

        if (request.After is { } after)
        {
            conditions.AddAfter(request.Level, after);
        }

        return conditions;
    }

    /// <summary>The alias of the table of a level in every search.</summary>
    public static string Alias(SearchLevel level) => level switch
    {
        SearchLevel.Study => "s",
        SearchLevel.Series => "r",
        _ => "i",
    };

    public static string Column(SearchAttribute attribute) => $"{Alias(attribute.Level)}.{attribute.Column}";

    public void Add(AttributeMatch match)
    {
        string column = Column(match.Attribute);
        string? condition = match switch
        {
            AttributeMatch.AnyOf any => AnyOf(column, any),
            AttributeMatch.Wildcard wildcard => Wildcard(column, wildcard),
            AttributeMatch.Range range => Range(column, range),
            AttributeMatch.DateTimeRange range => DateTimeRange(column, range),
            _ => throw new InvalidOperationException("An unknown kind of match."),
        };
        if (condition is not null)
        {
            _conditions.Add(condition);
        }
    }

    /// <summary>What stands behind a position in the order of the level. The bound on the study alone is there for its index.</summary>
    private void AddAfter(SearchLevel level, SearchPosition after)
    {
        string study = Parameter(after.Study);
        if (level == SearchLevel.Study)
        {
            Add($"s.id < {study}");
            return;
        }

        string series = Parameter(after.Series);
        Add($"s.id <= {study}");
        Add(level == SearchLevel.Series
            ? $"(s.id < {study} OR r.id > {series})"
            : $"(s.id < {study} OR r.id > {series} OR (r.id = {series} AND i.id > {Parameter(after.Instance)}))");
    }

    private string? AnyOf(string column, AttributeMatch.AnyOf match)
    {
        if (match.Values.Count == 0)
        {
            return null;
        }

        if (match.Attribute.Kind == SearchAttributeKind.PersonName)
        {
            return Or(match.Values.Select(value => Name(column, match.Attribute, value, GroupEquals)));
        }

        object[] values = [.. match.Values.Select(value => NormalForm(match.Attribute, value)).OfType<object>().Distinct()];
        if (values.Length == 0)
        {
            MatchNothing = true;
            return null;
        }

        return match.Attribute.Kind != SearchAttributeKind.Text ? dialect.EqualsAny(this, column, values)
            : match.Attribute.IsMultiValued ? dialect.ContainsAny(this, column, Enclosed(values))
            : dialect.TextEqualsAny(this, column, values);
    }

    private string? Wildcard(string column, AttributeMatch.Wildcard match)
    {
        if (match.Pattern.Length > 0 && !match.Pattern.AsSpan().ContainsAnyExcept('*'))
        {
            return null;
        }

        if (match.Attribute.Kind == SearchAttributeKind.PersonName)
        {
            return Name(column, match.Attribute, match.Pattern, GroupMatches);
        }

        string pattern = SearchValue.NormaliseText(match.Pattern);
        return match.Attribute.IsMultiValued ? dialect.AnyValueMatches(this, column, pattern)
            : Or([
                And([dialect.Matches(this, column, pattern), $"{column} >= ' '"]),
                And([dialect.HoldsSeveral(column), dialect.AnyValueMatches(this, column, pattern)]),
            ]);
    }

    private string? Range(string column, AttributeMatch.Range match)
    {
        if (match.From is null && match.To is null)
        {
            return null;
        }

        object? from = match.From is null ? null : NormalForm(match.Attribute, match.From);
        object? to = match.To is null ? null : NormalForm(match.Attribute, match.To);
        if ((match.From is not null && from is null) || (match.To is not null && to is null))
        {
            MatchNothing = true;
            return null;
        }

        string? lower = from is null ? null : $"{column} >= {Parameter(from)}";
        string? upper = to is null ? null : $"{column} <= {Parameter(to)}";
        bool crossesMidnight = match.Attribute.Kind == SearchAttributeKind.Time
            && from is string start
            && to is string end
            && string.CompareOrdinal(end, start) < 0;
        return lower is null ? upper : upper is null ? lower : crossesMidnight ? $"({lower} OR {upper})" : $"{lower} AND {upper}";
    }

    /// <summary>The bounds on the date alone are there for its index.</summary>
    private string? DateTimeRange(string column, AttributeMatch.DateTimeRange match)
    {
        string moment = $"({column} || coalesce({Column(match.Time)}, '000000.000000'))";
        List<string> bounds = [];
        if (match.From is { Length: >= 8 } from)
        {
            bounds.Add($"{column} >= {Parameter(from[..8])}");
            bounds.Add($"{moment} >= {Parameter(from[..8] + (SearchValue.NormaliseTime(from[8..]) ?? "000000.000000"))}");
        }

        if (match.To is { Length: >= 8 } to)
        {
            bounds.Add($"{column} <= {Parameter(to[..8])}");
            bounds.Add($"{moment} <= {Parameter(to[..8] + (SearchValue.NormaliseTimeEnd(to[8..]) ?? "235959.999999"))}");
        }

        return bounds.Count == 0 ? null : string.Join(" AND ", bounds);
    }

    /// <summary>
    /// Each component group of the key must be found among the groups of the name; or, where asked for, all its words among the words.
    /// </summary>
    private string Name(string column, SearchAttribute attribute, string key, Func<string, string, string> groupCondition)
    {
        string[] groups = [.. SearchValue.NormaliseName(key).Where(group => group.AsSpan().ContainsAnyExcept('*'))];
        string exact = groups.Length == 0 ? $"{column} IS NOT NULL" : And(groups.Select(group => groupCondition(column, group)));
        IReadOnlyList<string> words = fuzzyMatching ? SearchValue.NameWords(key) : [];
        if (words.Count == 0)
        {
            return exact;
        }

        string wordsColumn = $"{Alias(attribute.Level)}.{SearchIndexValues.WordsColumn(attribute)}";
        return Or([exact, And(words.Select(word => dialect.ContainsAny(this, wordsColumn, [" " + word])))]);
    }

    private string GroupEquals(string column, string group) => dialect.ContainsAny(this, column, [$"{Delimiter}{group}{Delimiter}"]);

    /// <summary><c>smith^*</c> also finds the name that has only the family name: its empty components are not kept.</summary>
    private string GroupMatches(string column, string pattern)
    {
        string family = pattern.EndsWith("^*", StringComparison.Ordinal) ? pattern.TrimEnd('^', '*') : "";
        return family.Length == 0 || family.AsSpan().ContainsAny('*', '?')
            ? dialect.AnyValueMatches(this, column, pattern)
            : Or([dialect.AnyValueMatches(this, column, pattern), GroupEquals(column, family)]);
    }

    private static object? NormalForm(SearchAttribute attribute, string value)
        => attribute.Kind == SearchAttributeKind.Integer
            ? SearchValue.NormaliseInteger(value)
            : SearchValue.Normalise(attribute.Kind, value);

    private static string And(IEnumerable<string> conditions) => $"({string.Join(" AND ", conditions)})";

    private static string Or(IEnumerable<string> conditions) => $"({string.Join(" OR ", conditions)})";
}
