using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Gateways.Qido;

/// <summary>An attribute as a query names it: keywords or eight hexadecimal digits, parted by dots where it stands in a sequence (PS3.18 section 8.3.4.1).</summary>
internal sealed class AttributePath
{
    private AttributePath(IReadOnlyList<DicomTag> tags) => Tags = tags;

    /// <summary>The sequences from the outside in, the attribute itself last.</summary>
    public IReadOnlyList<DicomTag> Tags { get; }

    /// <summary>The attribute of the data set itself.</summary>
    public DicomTag Root => Tags[0];

    public DicomTag Leaf => Tags[^1];

    /// <summary>False when a part is neither a keyword of PS3.6 nor eight hexadecimal digits.</summary>
    public static bool TryParse(string text, out AttributePath path)
    {
        string[] parts = text.Split('.');
        var tags = new DicomTag[parts.Length];
        for (int index = 0; index < parts.Length; index++)
        {
            if (!DicomTag.TryParseHex(parts[index], out tags[index]) && !DicomDictionary.TryGetByKeyword(parts[index], out tags[index]))
            {
                path = new AttributePath([]);
                return false;
            }
        }

        path = new AttributePath(tags);
        return true;
    }

    public bool Is(IReadOnlyList<DicomTag> tags) => Tags.SequenceEqual(tags);

    public override string ToString() => string.Join('.', Tags.Select(tag => tag.ToHex()));
}
