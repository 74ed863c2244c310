using System.Globalization;
using System.Text;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Matches texts with LIKE, for which there are trigram indexes and, for a prefix, ordinary ones.</summary>
internal sealed class PostgresSearchDialect : ISearchDialect
{
    private const char Delimiter = SearchValue.Delimiter;

    /// <summary>The most characters of a text in an ordinary index: an entry cannot be longer than a page allows.</summary>
    private const int IndexedCharacters = 300;

    /// <summary>The texts whose first characters have an ordinary index.</summary>
    private static readonly HashSet<string> IndexedColumns =
    [
        SearchConditions.Column(SearchAttributes.PatientID),
        SearchConditions.Column(SearchAttributes.AccessionNumber),
        SearchConditions.Column(SearchAttributes.StudyID),
    ];

    public string EqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values)
    {
        if (!IndexedColumns.Contains(column))
        {
            return Equal(conditions, column, values);
        }

        object[] indexed = [.. values.Select(value => FirstCharacters((string)value)).Distinct()];
        return $"({Equal(conditions, IndexedPart(column), indexed)} AND {Equal(conditions, column, values)})";
    }

    public string TextEqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values)
    {
        string alone = EqualsAny(conditions, column, values);
        return $"({alone} OR ({HoldsSeveral(column)} AND {ContainsAny(conditions, column, SearchConditions.Enclosed(values))}))";
    }

    public string ContainsAny(SearchConditions conditions, string column, IReadOnlyList<string> texts)
    {
        string[] patterns = [.. texts.Select(text => $"%{Like(text, areWildcards: false)}%")];
        return patterns.Length == 1
            ? $"{column} LIKE {conditions.Parameter(patterns[0])}"
            : $"{column} LIKE ANY ({conditions.Parameter(patterns)})";
    }

    public string HoldsSeveral(string column) => $"{(IndexedColumns.Contains(column) ? IndexedPart(column) : column)} < ' '";

    /// <summary>Returns the condition that two columns hold the same text, so that an ordinary index is used.</summary>
    public static string SameText(string column, string other) => $"({IndexedPart(column)} = {IndexedPart(other)} AND {column} = {other})";

    public string Matches(SearchConditions conditions, string column, string pattern)
        => $"{column}::text LIKE {conditions.Parameter(Like(pattern, areWildcards: true))}";

    /// <summary>LIKE, which can use an index, lets a wildcard reach over the delimiter.</summary>
    /// <remarks>The regular expression decides if that makes a difference.</remarks>
    public string AnyValueMatches(SearchConditions conditions, string column, string pattern)
    {
        string like = Like($"*{Delimiter}{pattern}{Delimiter}*", areWildcards: true).Replace(
            $"%{Delimiter}%", "%", StringComparison.Ordinal);
        string condition = $"{column} LIKE {conditions.Parameter(like)}";
        return pattern.Trim('*').AsSpan().ContainsAny('*', '?')
            ? $"{condition} AND {column} ~ {conditions.Parameter(Expression(pattern))}"
            : condition;
    }

    private static string Equal(SearchConditions conditions, string column, IReadOnlyList<object> values)
        => values.Count == 1 ? $"{column} = {conditions.Parameter(values[0])}"
            : values[0] is string ? $"{column} = ANY ({conditions.Parameter(values.Cast<string>().ToArray())})"
            : $"{column} = ANY ({conditions.Parameter(values.Cast<long>().ToArray())})";

    private static string IndexedPart(string column) => string.Create(CultureInfo.InvariantCulture, $"left({column}, {IndexedCharacters})");

    /// <summary>Counts characters as <c>left</c> does.</summary>
    private static object FirstCharacters(string text)
        => text.Length <= IndexedCharacters
            ? text
            : string.Concat(text.EnumerateRunes().Take(IndexedCharacters).Select(rune => rune.ToString()));

    private static string Like(string pattern, bool areWildcards)
    {
        StringBuilder like = new();
        foreach (char character in pattern)
        {
            like.Append(character switch
            {
                '*' when areWildcards => "%",
                '?' when areWildcards => "_",
                '%' => "\\%",
                '_' => "\\_",
                '\\' => "\\\\",
                _ => character.ToString(),
            });
        }

        return like.ToString();
    }

    private static string Expression(string pattern)
    {
        StringBuilder expression = new();
        expression.Append(Delimiter);
        foreach (char character in pattern)
        {
            expression.Append(character switch
            {
                '*' => $"[^{Delimiter}]*",
                '?' => $"[^{Delimiter}]",
                _ when char.IsAscii(character) && !char.IsAsciiLetterOrDigit(character) => $"\\{character}",
                _ => character.ToString(),
            });
        }

        return expression.Append(Delimiter).ToString();
    }
}
