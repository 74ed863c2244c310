using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Matches a wildcard pattern against each value of a column that holds several (see <see cref="SearchValue.Enclose"/>).</summary>
internal static class EnclosedValues
{
    public const string FunctionName = "any_value_matches";

    /// <summary>GLOB cannot be told that '*' stops at the delimiter; this decides the few rows where that makes a difference.</summary>
    public static bool AnyMatches(string? column, string pattern)
    {
        ReadOnlySpan<char> values = column;
        foreach (Range range in values.Split(SearchValue.Delimiter))
        {
            if (!values[range].IsEmpty && Matches(values[range], pattern))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Matches(ReadOnlySpan<char> value, ReadOnlySpan<char> pattern)
    {
        int at = 0;
        int patternAt = 0;
        int star = -1;
        int resume = 0;
        while (at < value.Length)
        {
            if (patternAt < pattern.Length && pattern[patternAt] == '*')
            {
                star = patternAt++;
                resume = at;
            }
            else if (patternAt < pattern.Length && (pattern[patternAt] == '?' || pattern[patternAt] == value[at]))
            {
                patternAt++;
                at++;
            }
            else if (star >= 0)
            {
                patternAt = star + 1;
                at = ++resume;
            }
            else
            {
                return false;
            }
        }

        return !pattern[patternAt..].ContainsAnyExcept('*');
    }
}
