using System.Globalization;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Storage.Sql;

/// <summary>The WHERE clause of a search. Values stand in parameters only; column names come from <see cref="SearchAttributes"/>.</summary>
/// <param name="dialect">Writes the conditions that differ between the stores.</param>
/// <param name="fuzzyMatching">Names may match by their words.</param>
internal sealed class SearchConditions(ISearchDialect dialect, bool fuzzyMatching)
{
    private const char Delimiter = SearchValue.Delimiter;

    private readonly List<string> _conditions = [];

    public List<object?> Parameters { get; } = [];

    /// <summary>A key has no value of its kind, so that no row can match it.</summary>
    public bool MatchNothing { get; private set; }

    public string Sql => string.Join(" AND ", _conditions);

    /// <summary>The parameter with the name of the storage space, with which every search begins.</summary>
    public static string Provider => "$1";

    public void Add(string condition) => _conditions.Add(condition);

    /// <summary>Returns each value as it stands in a column that holds several.</summary>
    public static string[] Enclosed(IEnumerable<object> values) => [.. values.Select(value => $"{Delimiter}{value}{Delimiter}")];

    /// <summary>Adds a value; returns the parameter that stands for it in the SQL.</summary>
    public string Parameter(object? value)
    {
        Parameters.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"${Parameters.Count}");
    }

    /// <summary>Returns the conditions of everything that a search asks for.</summary>
    /// <param name="request">What is searched.</param>
    /// <param name="dialect">Writes the conditions that differ between the stores.</param>
    /// <param name="isVisible">The condition that a study is shown.</param>
    /// <param name="isNewestOfPatient">The condition that the patient has no newer study; added if the search asks for it.</param>
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

    /// <summary>Returns the alias that the table of a level has in every search.</summary>
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

    /// <summary>Adds the condition that rows stand after a position.</summary>
    /// <remarks>The bound on the study alone lets its index be used.</remarks>
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

    /// <summary>Returns the condition of a range of moments.</summary>
    /// <remarks>The bounds on the date alone let its index be used.</remarks>
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

    /// <summary>Returns the condition on a name.</summary>
    /// <remarks>
    /// Each component group of the key must match a group of the name. With fuzzy matching, it is enough that all words of the key are
    /// words of the name.
    /// </remarks>
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

    /// <summary>Returns the condition on one component group.</summary>
    /// <remarks><c>smith^*</c> also finds a name that has only the family name: its empty components are not stored.</remarks>
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

/// <summary>The conditions of a search that each database writes in its own way.</summary>
/// <remarks>
/// Patterns are DICOM's: '*' for any characters, '?' for one. A list is one parameter, so that the text of a statement does not grow with
/// it.
/// </remarks>
internal interface ISearchDialect
{
    /// <summary>Returns the condition that the whole column is one of the values: texts, or numbers.</summary>
    string EqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values);

    /// <summary>Returns the condition that a text is one of the values, or encloses one of them.</summary>
    /// <remarks>A text that holds several values begins with the delimiter.</remarks>
    string TextEqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values);

    /// <summary>Returns the condition that the column contains one of the texts.</summary>
    string ContainsAny(SearchConditions conditions, string column, IReadOnlyList<string> texts);

    /// <summary>Returns the condition that the column of a text encloses several values, which is rare.</summary>
    /// <remarks>Such a text begins with the delimiter, which sorts before everything that a value can begin with.</remarks>
    string HoldsSeveral(string column);

    /// <summary>Returns the condition that the whole column matches the pattern.</summary>
    string Matches(SearchConditions conditions, string column, string pattern);

    /// <summary>
    /// Returns the condition that an enclosed value of the column matches the pattern: no wildcard reaches over a delimiter.
    /// </summary>
    string AnyValueMatches(SearchConditions conditions, string column, string pattern);
}
