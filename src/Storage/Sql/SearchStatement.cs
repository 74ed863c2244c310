using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Storage.Sql;

/// <summary>The statement of a search.</summary>
/// <param name="Text">The SQL.</param>
/// <param name="Parameters">The values of <c>$1</c> and those after it.</param>
internal sealed record SearchStatement(string Text, IReadOnlyList<object?> Parameters)
{
    /// <summary>The attributes of a study whose values an index of their own holds.</summary>
    private static readonly HashSet<SearchAttribute> SelectiveAttributes =
        [SearchAttributes.StudyInstanceUID, SearchAttributes.PatientID, SearchAttributes.AccessionNumber, SearchAttributes.StudyDate];

    /// <summary>Builds the statement; returns null if nothing can match.</summary>
    /// <remarks>An inner query finds the keys of one page on narrow rows. The outer query fetches the returned columns for them.</remarks>
    public static SearchStatement? Build(SearchRequest request, ISearchDialect dialect, SearchTables tables)
    {
        SearchConditions conditions = SearchConditions.Of(request, dialect, tables.IsVisible, tables.IsNewestOfPatient);
        if (conditions.MatchNothing)
        {
            return null;
        }

        string limit = conditions.Parameter((long)request.Limit + 1);
        string page = $"""
            SELECT {tables.Keys} FROM {tables.Inner}
            WHERE {conditions.Sql}
            ORDER BY {tables.InnerOrder} LIMIT {limit} OFFSET {conditions.Parameter((long)request.Offset)}
            """;
        string text = $"""
            SELECT {SearchRows.Columns(request, tables.PatientCounts)}
            FROM ({page}) page {tables.Outer}
            ORDER BY {tables.OuterOrder}
            """;
        return new SearchStatement(text, conditions.Parameters);
    }

    /// <summary>Returns true if a search names values of an attribute.</summary>
    public static bool Names(SearchRequest request, SearchAttribute attribute)
        => request.Matches.Any(match => match is AttributeMatch.AnyOf { Values.Count: > 0 } && match.Attribute == attribute);

    /// <summary>Returns true if a match leads to few studies by an index.</summary>
    /// <param name="match">What is asked of one attribute.</param>
    /// <param name="isShort">Decides whether a range of study dates is short enough.</param>
    public static bool IsSelective(AttributeMatch match, Func<string?, string?, bool> isShort) => match switch
    {
        AttributeMatch.AnyOf any => any.Values.Count > 0 && SelectiveAttributes.Contains(any.Attribute),
        AttributeMatch.Range range => range.Attribute == SearchAttributes.StudyDate && isShort(range.From, range.To),
        AttributeMatch.DateTimeRange range => range.Attribute == SearchAttributes.StudyDate && isShort(range.From, range.To),
        _ => false,
    };
}

/// <summary>The parts of a search that each store writes in its own way.</summary>
internal sealed record SearchTables
{
    /// <summary>The condition that a study is shown.</summary>
    public required string IsVisible { get; init; }

    /// <summary>The condition that the patient has no newer study.</summary>
    public required string IsNewestOfPatient { get; init; }

    /// <summary>The columns that the inner query selects.</summary>
    public required string Keys { get; init; }

    /// <summary>The tables that the conditions look at.</summary>
    public required string Inner { get; init; }

    public required string InnerOrder { get; init; }

    /// <summary>Three columns with the counts of the patient, or NULLs.</summary>
    public required string PatientCounts { get; init; }

    /// <summary>The tables that the outer query joins to <c>page</c>.</summary>
    public required string Outer { get; init; }

    public required string OuterOrder { get; init; }
}
