using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Manifest.State;

/// <summary>The rule by which a study and a series take their attributes from their instances.</summary>
/// <remarks>
/// A non-empty value wins over an empty one, and the newest non-empty value over older ones, with all its values and items. Values of
/// different instances are never mixed. Deleting an instance changes no attribute, except that a series or study without instances starts
/// empty.
/// </remarks>
public static class AttributeMerge
{
    /// <summary>Returns the attributes after an instance; the same object if it changes nothing.</summary>
    /// <param name="stored">The result of older instances; not modified.</param>
    /// <param name="newest">The attributes of the instance.</param>
    public static DicomDataset Merge(DicomDataset stored, DicomDataset newest)
    {
        List<DicomElement> winners = [];
        foreach (DicomElement element in newest.Elements)
        {
            if (!stored.TryGet(element.Tag, out DicomElement? old) || (!element.IsBlank() && !AttributeContent.AreEqual(old, element)))
            {
                winners.Add(element);
            }
        }

        if (winners.Count == 0)
        {
            return stored;
        }

        DicomDataset merged = Utf8Attributes.NewDataset();
        foreach (DicomElement element in stored.Elements)
        {
            merged.TryAdd(element);
        }

        foreach (DicomElement element in winners)
        {
            merged.Set(element);
        }

        return merged;
    }
}

/// <summary>Examines the content of elements.</summary>
internal static class AttributeContent
{
    private const int ElementOverhead = 96;

    /// <summary>Returns whether tag, VR and value field are equal, items included.</summary>
    public static bool AreEqual(DicomElement left, DicomElement right)
        => left.Tag == right.Tag && left.VR == right.VR && left.Value.Span.SequenceEqual(right.Value.Span)
            && (left.Items, right.Items) switch
            {
                (null, null) => true,
                ({ } leftItems, { } rightItems) =>
                    leftItems.Count == rightItems.Count && leftItems.Zip(rightItems).All(pair => AreEqual(pair.First, pair.Second)),
                _ => false,
            };

    /// <summary>Returns whether the element has no items, and nothing but padding and delimiters.</summary>
    public static bool IsBlank(this DicomElement element)
        => element.IsEmpty || (element.Items is null
            && element.VR.Traits().Kind == DicomValueKind.Text
            && element.Value.Span.IndexOfAnyExcept(" \0\\"u8) < 0);

    /// <summary>Returns the distinct non-empty values of a text, without padding.</summary>
    public static IReadOnlyList<string> TextValues(this DicomDataset dataset, DicomTag tag)
        => dataset.TryGet(tag, out DicomElement? element) && element.Items is null && !element.IsBlank()
            ? dataset.CharacterSet
                .DecodeValues(element.Value.Span, element.VR)
                .Select(value => value.Trim(' ', '\0'))
                .Where(value => value.Length > 0)
                .Distinct()
                .ToArray()
            : [];

    /// <summary>Estimates the memory of the data set in bytes.</summary>
    public static long EstimateBytes(this DicomDataset dataset) => dataset.Elements.Sum(EstimateBytes);

    /// <summary>Estimates the memory of the element in bytes.</summary>
    public static long EstimateBytes(this DicomElement element)
        => ElementOverhead + element.Value.Length + (element.Items?.Sum(item => ElementOverhead + item.EstimateBytes()) ?? 0);

    private static bool AreEqual(DicomDataset left, DicomDataset right)
        => left.Elements.Count == right.Elements.Count && left.Elements.Zip(right.Elements).All(pair => AreEqual(pair.First, pair.Second));
}
