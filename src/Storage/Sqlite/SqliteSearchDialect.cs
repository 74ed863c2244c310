using System.Text;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Storage;

/// <summary>Looks into texts with GLOB, which minds the case.</summary>
internal sealed class SqliteSearchDialect : ISearchDialect
{
    private const char Delimiter = SearchValue.Delimiter;

    public string EqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values)
        => values.Count == 1
            ? $"{column} = {conditions.Parameter(values[0])}"
            : $"{column} IN (SELECT value FROM json_each({conditions.Parameter(JsonList.Of(values))}))";

    public string ContainsAny(SearchConditions conditions, string column, IReadOnlyList<string> texts)
        => texts.Count == 1
            ? $"instr({column}, {conditions.Parameter(texts[0])}) > 0"
            : $"EXISTS (SELECT 1 FROM json_each({conditions.Parameter(JsonList.Of(texts))}) wanted WHERE instr({column}, wanted.value) > 0)";

    public string HoldsSeveral(string column) => $"{column} < ' '";

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
