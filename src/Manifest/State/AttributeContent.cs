using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Manifest.State;

/// <summary>What the manifest asks of the content of elements.</summary>
internal static class AttributeContent
{
    private const int ElementOverhead = 96;

    /// <summary>Same tag, VR and value field, items included.</summary>
    public static bool AreEqual(DicomElement left, DicomElement right)
        => left.Tag == right.Tag && left.VR == right.VR && left.Value.Span.SequenceEqual(right.Value.Span)
            && (left.Items, right.Items) switch
            {
                (null, null) => true,
                ({ } leftItems, { } rightItems) =>
                    leftItems.Count == rightItems.Count && leftItems.Zip(rightItems).All(pair => AreEqual(pair.First, pair.Second)),
                _ => false,
            };

    /// <summary>No items, or nothing but padding and delimiters.</summary>
    public static bool IsBlank(this DicomElement element)
        => element.IsEmpty || (element.Items is null
            && element.VR.Traits().Kind == DicomValueKind.Text
            && element.Value.Span.IndexOfAnyExcept(" \0\\"u8) < 0);

    /// <summary>The distinct values of a text that are not empty, without padding.</summary>
    public static IReadOnlyList<string> TextValues(this DicomDataset dataset, DicomTag tag)
        => dataset.TryGet(tag, out DicomElement? element) && element.Items is null && !element.IsBlank()
            ? dataset.CharacterSet
                .DecodeValues(element.Value.Span, element.VR)
                .Select(value => value.Trim(' ', '\0'))
                .Where(value => value.Length > 0)
                .Distinct()
                .ToArray()
            : [];

    /// <summary>Bytes that the data set holds in memory, roughly.</summary>
    public static long EstimateBytes(this DicomDataset dataset) => dataset.Elements.Sum(EstimateBytes);

    /// <summary>Bytes that the element holds in memory, roughly.</summary>
    public static long EstimateBytes(this DicomElement element)
        => ElementOverhead + element.Value.Length + (element.Items?.Sum(item => ElementOverhead + item.EstimateBytes()) ?? 0);

    private static bool AreEqual(DicomDataset left, DicomDataset right)
        => left.Elements.Count == right.Elements.Count && left.Elements.Zip(right.Elements).All(pair => AreEqual(pair.First, pair.Second));
}
