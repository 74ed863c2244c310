using System.Text;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Sql;

namespace ImagingIngestion.Storage.Sqlite;

/// <summary>Matches texts with GLOB, which is case-sensitive.</summary>
internal sealed class SqliteSearchDialect : ISearchDialect
{
    private const char Delimiter = SearchValue.Delimiter;

    private static readonly string StudyUid = SearchConditions.Column(SearchAttributes.StudyInstanceUID);

    /// <summary>For these, an index of their own leads to the studies.</summary>
    /// <remarks>The planner, which has no statistics, would read all studies from the newest on.</remarks>
    private static readonly Dictionary<string, string> TextIndexes = new(StringComparer.Ordinal)
    {
        [SearchConditions.Column(SearchAttributes.PatientID)] = "study_by_patient",
        [SearchConditions.Column(SearchAttributes.AccessionNumber)] = "study_by_accession",
    };

    public string EqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values)
        => values.Count == 1 ? $"{column} = {conditions.Parameter(values[0])}"
            : column == StudyUid ? $"s.id IN ({StudiesWith(conditions, column, "study_identity", values)})"
            : $"{column} IN (SELECT value FROM json_each({conditions.Parameter(JsonList.Of(values))}))";

    public string TextEqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values)
    {
        string[] enclosed = SearchConditions.Enclosed(values);
        if (!TextIndexes.TryGetValue(column, out string? index))
        {
            return $"({EqualsAny(conditions, column, values)} OR ({HoldsSeveral(column)} AND {ContainsAny(conditions, column, enclosed)}))";
        }

        string studies = StudiesWith(conditions, column, index, values);
        string looked = LookedAt(column);
        string others = $"{Studies("", index)} AND t.is_visible = 1 AND {HoldsSeveral(looked)}";
        return $"s.id IN ({studies} UNION ALL {others} AND {ContainsAny(conditions, looked, enclosed)})";
    }

    public string ContainsAny(SearchConditions conditions, string column, IReadOnlyList<string> texts)
        => texts.Count == 1
            ? $"instr({column}, {conditions.Parameter(texts[0])}) > 0"
            : $"EXISTS (SELECT 1 FROM json_each({conditions.Parameter(JsonList.Of(texts))}) wanted "
                + $"WHERE instr({column}, wanted.value) > 0)";

    public string HoldsSeveral(string column) => $"{column} < ' '";

    public string Matches(SearchConditions conditions, string column, string pattern)
        => $"{column} GLOB {conditions.Parameter(Glob(pattern, anyOne: "?"))}";

    /// <summary>Matches the column as a whole, and then each value if that makes a difference.</summary>
    /// <remarks>A '*' within the pattern could reach over the delimiter into the next value.</remarks>
    public string AnyValueMatches(SearchConditions conditions, string column, string pattern)
    {
        string glob = Glob($"*{Delimiter}{pattern}{Delimiter}*", anyOne: $"[^{Delimiter}]")
            .Replace($"*{Delimiter}*", "*", StringComparison.Ordinal);
        string condition = $"{column} GLOB {conditions.Parameter(glob)}";
        return pattern.Trim('*').Contains('*', StringComparison.Ordinal)
            ? $"{condition} AND {EnclosedValues.FunctionName}({column}, {conditions.Parameter(pattern)})"
            : condition;
    }

    /// <summary>Returns a query for the studies whose column is one of the values, each looked up in the index.</summary>
    private static string StudiesWith(SearchConditions conditions, string column, string index, IReadOnlyList<object> values)
    {
        bool isList = values.Count > 1;
        string parameter = conditions.Parameter(isList ? JsonList.Of(values) : values[0]);
        string studies = Studies(isList ? $"json_each({parameter}) wanted CROSS JOIN " : "", index);
        return $"{studies} AND t.is_visible = 1 AND {LookedAt(column)} = {(isList ? "wanted.value" : parameter)}";
    }

    private static string Studies(string list, string index)
        => $"SELECT t.id FROM {list}study t INDEXED BY {index} WHERE t.provider = {SearchConditions.Provider}";

    /// <summary>Returns the column of the table that leads to the studies.</summary>
    private static string LookedAt(string column) => $"t.{column[(column.IndexOf('.', StringComparison.Ordinal) + 1)..]}";

    /// <summary>Returns a DICOM pattern as a GLOB, which has the same two wildcards; brackets are escaped.</summary>
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

/// <summary>Matches a wildcard pattern against each value of a column that holds several (see <see cref="SearchValue.Enclose"/>).</summary>
internal static class EnclosedValues
{
    public const string FunctionName = "any_value_matches";

    /// <summary>Returns true if a value matches.</summary>
    /// <remarks>GLOB has no '*' that stops at the delimiter. This decides the few rows for which that makes a difference.</remarks>
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
