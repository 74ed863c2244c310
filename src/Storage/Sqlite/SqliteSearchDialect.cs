using System.Text;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Storage;

/// <summary>Looks into texts with GLOB, which minds the case.</summary>
internal sealed class SqliteSearchDialect : ISearchDialect
{
    private const char Delimiter = SearchValue.Delimiter;

    private static readonly string StudyUid = SearchConditions.Column(SearchAttributes.StudyInstanceUID);

    /// <summary>Of those an index of their own leads to the studies. The planner, which has no statistics, would rather read all studies from the newest on.</summary>
    private static readonly Dictionary<string, string> TextIndexes = new(StringComparer.Ordinal)
    {
        [SearchConditions.Column(SearchAttributes.PatientID)] = "study_by_patient",
        [SearchConditions.Column(SearchAttributes.AccessionNumber)] = "study_by_accession",
    };

    public string EqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values)
    {
        if (values.Count == 1)
        {
            return $"{column} = {conditions.Parameter(values[0])}";
        }

        string list = $"json_each({conditions.Parameter(JsonList.Of(values))})";
        return column == StudyUid
            ? $"s.id IN (SELECT t.id FROM {list} wanted CROSS JOIN study t INDEXED BY study_identity ON t.study_uid = wanted.value AND t.provider = {SearchConditions.Provider})"
            : $"{column} IN (SELECT value FROM {list})";
    }

    public string TextEqualsAny(SearchConditions conditions, string column, IReadOnlyList<object> values)
    {
        string looked = TextIndexes.ContainsKey(column) ? $"t.{column[2..]}" : column;
        string equal = EqualsAny(conditions, looked, values);
        string enclosed = $"{HoldsSeveral(looked)} AND {ContainsAny(conditions, looked, SearchConditions.Enclosed(values))}";
        if (!TextIndexes.TryGetValue(column, out string? index))
        {
            return $"({equal} OR ({enclosed}))";
        }

        string studies = $"SELECT t.id FROM study t INDEXED BY {index} WHERE t.provider = {SearchConditions.Provider} AND t.is_visible = 1 AND {looked} IS NOT NULL AND";
        return $"s.id IN ({studies} {equal} UNION ALL {studies} {enclosed})";
    }

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
