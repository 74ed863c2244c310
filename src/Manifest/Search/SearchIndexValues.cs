using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Manifest.Search;

/// <summary>Converts the attributes of a study, series or instance to the values of its index columns.</summary>
/// <remarks>Identities and modalities are not among them: the stores take those from the state records.</remarks>
public static class SearchIndexValues
{
    /// <summary>The number of the rules by which values are made.</summary>
    /// <remarks>Rows with a smaller number are renewed while the program runs; a change of the rules raises it.</remarks>
    public const int Generation = 1;

    private static readonly IReadOnlyList<SearchIndexColumn> StudyColumns = ColumnsOf(SearchLevel.Study);
    private static readonly IReadOnlyList<SearchIndexColumn> SeriesColumns = ColumnsOf(SearchLevel.Series);
    private static readonly IReadOnlyList<SearchIndexColumn> InstanceColumns = ColumnsOf(SearchLevel.Instance);

    /// <summary>Returns the columns of a level in a fixed order.</summary>
    public static IReadOnlyList<SearchIndexColumn> Columns(SearchLevel level) => level switch
    {
        SearchLevel.Study => StudyColumns,
        SearchLevel.Series => SeriesColumns,
        _ => InstanceColumns,
    };

    /// <summary>Returns the name of the column with the words of a name attribute.</summary>
    public static string WordsColumn(SearchAttribute attribute) => attribute.Column + "_words";

    /// <summary>Returns the values of <see cref="Columns"/> in their order: text, a number (<see cref="long"/>) or null.</summary>
    public static object?[] Read(SearchLevel level, DicomDataset attributes)
    {
        IReadOnlyList<SearchIndexColumn> columns = Columns(level);
        object?[] values = new object?[columns.Count];
        for (int index = 0; index < values.Length; index++)
        {
            values[index] = Read(columns[index], attributes);
        }

        return values;
    }

    /// <summary>
    /// Returns the modalities in the form of the columns <see cref="SearchAttributes.ModalitiesInStudy"/> and
    /// <see cref="SearchAttributes.Modality"/>.
    /// </summary>
    public static string? Modalities(IEnumerable<string> modalities)
        => SearchValue.Enclose(modalities.Select(SearchValue.NormaliseText));

    private static object? Read(SearchIndexColumn column, DicomDataset attributes)
    {
        SearchAttribute attribute = column.Attribute;
        List<string> texts = [];
        CollectTexts(attributes, attribute.Path, 0, texts);
        return attribute.Kind switch
        {
            SearchAttributeKind.PersonName =>
                column.HoldsWords ? Words(texts) : SearchValue.Enclose(texts.SelectMany(SearchValue.NormaliseName)),
            SearchAttributeKind.Text => Texts(attribute, texts),
            _ => First(attribute.Kind, texts),
        };
    }

    /// <summary>Returns a single value as it is, so that an index leads to it, and several enclosed.</summary>
    /// <remarks>No value begins with a delimiter, so both are distinct.</remarks>
    private static string? Texts(SearchAttribute attribute, List<string> texts)
    {
        string[] values = [.. texts.Select(SearchValue.NormaliseText).Where(text => text.Length > 0).Distinct(StringComparer.Ordinal)];
        return values.Length == 1 && !attribute.IsMultiValued
            ? values[0].Length <= SearchValue.MaxColumnLength ? values[0] : null
            : SearchValue.Enclose(values);
    }

    /// <summary>Returns the first value: dates, times and numbers have one value, and are compared by their order.</summary>
    private static object? First(SearchAttributeKind kind, List<string> texts)
    {
        string first = texts.FirstOrDefault(text => !string.IsNullOrWhiteSpace(text)) ?? "";
        return kind == SearchAttributeKind.Integer
            ? SearchValue.NormaliseInteger(first)
            : SearchValue.Normalise(kind, first) is { Length: > 0 } value ? value : null;
    }

    /// <summary>
    /// Returns the words with a space before each and at the end, so that the prefix of a word is found as space and prefix.
    /// </summary>
    private static string? Words(List<string> names)
    {
        StringBuilder words = new(" ");
        foreach (string word in names.SelectMany(SearchValue.NameWords).Distinct(StringComparer.Ordinal))
        {
            if (words.Length + word.Length < SearchValue.MaxColumnLength)
            {
                words.Append(word).Append(' ');
            }
        }

        return words.Length == 1 ? null : words.ToString();
    }

    private static void CollectTexts(DicomDataset attributes, IReadOnlyList<DicomTag> path, int depth, List<string> texts)
    {
        if (depth == path.Count - 1)
        {
            texts.AddRange(attributes.GetStrings(path[depth]));
        }
        else if (attributes.TryGet(path[depth], out DicomElement? element))
        {
            foreach (DicomDataset item in element.Items ?? [])
            {
                CollectTexts(item, path, depth + 1, texts);
            }
        }
    }

    private static IReadOnlyList<SearchIndexColumn> ColumnsOf(SearchLevel level)
    {
        List<SearchIndexColumn> columns = [];
        foreach (SearchAttribute attribute in SearchAttributes.All.Where(attribute => attribute.Level == level && IsRead(attribute)))
        {
            columns.Add(new SearchIndexColumn(attribute.Column, attribute, HoldsWords: false));
            if (attribute.Kind == SearchAttributeKind.PersonName)
            {
                columns.Add(new SearchIndexColumn(WordsColumn(attribute), attribute, HoldsWords: true));
            }
        }

        return columns;
    }

    private static bool IsRead(SearchAttribute attribute)
        => attribute.Kind != SearchAttributeKind.Uid
            && attribute != SearchAttributes.ModalitiesInStudy
            && attribute != SearchAttributes.Modality;
}

/// <summary>A column that every store fills from the attributes of a level.</summary>
/// <param name="Name">Its name in every SQL store.</param>
/// <param name="Attribute">Where its values come from.</param>
/// <param name="HoldsWords">The column holds the words of a name for fuzzy matching, not the name.</param>
public sealed record SearchIndexColumn(string Name, SearchAttribute Attribute, bool HoldsWords);
