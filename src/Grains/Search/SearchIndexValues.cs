using System.Globalization;
using ImagingIngestion.Dicom;

namespace ImagingIngestion.Grains;

/// <summary>
/// Turns the attributes of a study, series or instance into the values of its index columns. Identities and modalities are not among
/// them: the stores know those from the state records.
/// </summary>
public static class SearchIndexValues
{
    /// <summary>The most characters of a column that holds several values; such a column is the key of no index.</summary>
    public const int MaxEnclosedLength = 4096;

    private static readonly IReadOnlyList<SearchIndexColumn> StudyColumns = ColumnsOf(SearchLevel.Study);
    private static readonly IReadOnlyList<SearchIndexColumn> SeriesColumns = ColumnsOf(SearchLevel.Series);
    private static readonly IReadOnlyList<SearchIndexColumn> InstanceColumns = ColumnsOf(SearchLevel.Instance);

    /// <summary>The columns of a level in a fixed order.</summary>
    public static IReadOnlyList<SearchIndexColumn> Columns(SearchLevel level) => level switch
    {
        SearchLevel.Study => StudyColumns,
        SearchLevel.Series => SeriesColumns,
        _ => InstanceColumns,
    };

    /// <summary>The name of the column with the words of a name attribute.</summary>
    public static string WordsColumn(SearchAttribute attribute) => attribute.Column + "_words";

    /// <summary>The values of <see cref="Columns"/> in their order: text, a number (<see cref="long"/>) or null.</summary>
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

    /// <summary>The modalities as the column of <see cref="SearchAttributes.ModalitiesInStudy"/> or <see cref="SearchAttributes.Modality"/> holds them.</summary>
    public static string? Modalities(IEnumerable<string> modalities)
        => SearchValue.Enclose(modalities.Select(SearchValue.NormaliseText), SearchValue.MaxTextLength);

    private static object? Read(SearchIndexColumn column, DicomDataset attributes)
    {
        SearchAttribute attribute = column.Attribute;
        List<string> texts = [];
        CollectTexts(attributes, attribute.Path, 0, texts);
        if (attribute.IsMultiValued)
        {
            return SearchValue.Enclose(texts.Select(text => SearchValue.Normalise(attribute.Kind, text) ?? ""), MaxEnclosedLength);
        }

        string first = texts.FirstOrDefault(text => !string.IsNullOrWhiteSpace(text)) ?? "";
        if (first.Length == 0)
        {
            return null;
        }

        return attribute.Kind switch
        {
            SearchAttributeKind.PersonName => column.HoldsWords ? Words(first) : SearchValue.Enclose(SearchValue.NormaliseName(first), SearchValue.MaxTextLength),
            SearchAttributeKind.Integer => SearchValue.NormaliseInteger(first),
            _ => SearchValue.Normalise(attribute.Kind, first) is { Length: > 0 } value ? value : null,
        };
    }

    /// <summary>Every word begins after a space and the whole ends with one, so that the prefix of a word is found as space and prefix.</summary>
    private static string? Words(string name)
    {
        string words = string.Join(' ', SearchValue.NameWords(name).Distinct(StringComparer.Ordinal));
        return words.Length == 0 ? null : string.Create(CultureInfo.InvariantCulture, $" {words} ");
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
        => attribute.Kind != SearchAttributeKind.Uid && attribute != SearchAttributes.ModalitiesInStudy && attribute != SearchAttributes.Modality;
}
