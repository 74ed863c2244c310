using System.Globalization;
using System.Text;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Postgres;

/// <summary>Looks into texts with LIKE, which trigrams and, for a prefix, ordinary indexes answer.</summary>
internal sealed class PostgresSearchDialect : ISearchDialect
{
    private const char Delimiter = SearchValue.Delimiter;

    /// <summary>The most characters of a text that an ordinary index holds; entries of any length would not fit.</summary>
    private const int IndexedCharacters = 300;

    /// <summary>The texts with an ordinary index, of their first characters.</summary>
    private static readonly HashSet<string> IndexedColumns =
        [.. new[] { SearchAttributes.PatientID, SearchAttributes.AccessionNumber, SearchAttributes.StudyID }.Select(
            SearchConditions.Column)];

    public string EqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values)
        => IndexedColumns.Contains(column)
            ? $"({Equal(
                conditions,
                IndexedPart(column),
                [.. values.Select(value => FirstCharacters((string)value)).Distinct()])} AND {Equal(conditions, column, values)})"
            : Equal(conditions, column, values);

    public string TextEqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values)
        => $"({EqualsAny(conditions, column, values)} OR ({HoldsSeveral(
            column)} AND {ContainsAny(conditions, column, SearchConditions.Enclosed(values))}))";

    public string ContainsAny(SearchConditions conditions, string column, IReadOnlyList<string> texts)
    {
        string[] patterns = [.. texts.Select(text => $"%{Like(text, areWildcards: false)}%")];
        return patterns.Length == 1
            ? $"{column} LIKE {conditions.Parameter(patterns[0])}"
            : $"{column} LIKE ANY ({conditions.Parameter(patterns)})";
    }

    public string HoldsSeveral(string column) => $"{(IndexedColumns.Contains(column) ? IndexedPart(column) : column)} < ' '";

    /// <summary>The rows of one text with an ordinary index are found by it.</summary>
    public static string SameText(string column, string other) => $"({IndexedPart(column)} = {IndexedPart(other)} AND {column} = {other})";

    public string Matches(SearchConditions conditions, string column, string pattern)
        => $"{column}::text LIKE {conditions.Parameter(Like(pattern, areWildcards: true))}";

    /// <summary>
    /// LIKE, which an index answers, lets a wildcard reach over the delimiter; the regular expression decides where that makes a
    /// difference.
    /// </summary>
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

    /// <summary>As <c>left</c> counts them.</summary>
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
