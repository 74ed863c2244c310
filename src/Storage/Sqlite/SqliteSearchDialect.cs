using System.Text;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Storage;

/// <summary>Looks into texts with GLOB, which minds the case.</summary>
internal sealed class SqliteSearchDialect : ISearchDialect
{
    private const char Delimiter = SearchValue.Delimiter;

    public string Contains(SearchConditions conditions, string column, string text) => $"instr({column}, {conditions.Parameter(text)}) > 0";

    public string Matches(SearchConditions conditions, string column, string pattern) => $"{column} GLOB {conditions.Parameter(Glob(pattern, anyOne: "?"))}";

    /// <summary>A '*' within the pattern could reach over the delimiter into the next value; then every value is looked at on its own.</summary>
    public string AnyValueMatches(SearchConditions conditions, string column, string pattern)
    {
        string glob = Glob($"*{Delimiter}{pattern}{Delimiter}*", anyOne: $"[^{Delimiter}]")
            .Replace($"*{Delimiter}*", "*", StringComparison.Ordinal);
        string condition = $"{column} GLOB {conditions.Parameter(glob)}";
        return pattern.Trim('*').Contains('*', StringComparison.Ordinal)
            ? $"{condition} AND {EnclosedValues.FunctionName}({column}, {conditions.Parameter(pattern)})"
            : condition;
    }

    /// <summary>A DICOM pattern as a GLOB: the same two wildcards, and brackets that stand for themselves.</summary>
    private static string Glob(string pattern, string anyOne)
    {
        StringBuilder glob = new();
        foreach (char character in pattern)
        {
            glob.Append(character switch { '?' => anyOne, '[' => "[[]", _ => character.ToString() });
        }

        return glob.ToString();
    }
}
