using System.Text;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Storage;

/// <summary>Looks into texts with LIKE, which trigrams and, for a prefix, ordinary indexes answer.</summary>
internal sealed class PostgresSearchDialect : ISearchDialect
{
    private const char Delimiter = SearchValue.Delimiter;

    public string Contains(SearchConditions conditions, string column, string text)
        => $"{column} LIKE {conditions.Parameter($"%{Like(text, areWildcards: false)}%")}";

    public string Matches(SearchConditions conditions, string column, string pattern)
        => $"{column}::text LIKE {conditions.Parameter(Like(pattern, areWildcards: true))}";

    /// <summary>LIKE, which an index answers, lets a wildcard reach over the delimiter; the regular expression decides where that makes a difference.</summary>
    public string AnyValueMatches(SearchConditions conditions, string column, string pattern)
    {
        string like = Like($"*{Delimiter}{pattern}{Delimiter}*", areWildcards: true).Replace($"%{Delimiter}%", "%", StringComparison.Ordinal);
        string condition = $"{column} LIKE {conditions.Parameter(like)}";
        return pattern.Trim('*').AsSpan().ContainsAny('*', '?')
            ? $"{condition} AND {column} ~ {conditions.Parameter(Expression(pattern))}"
            : condition;
    }

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
