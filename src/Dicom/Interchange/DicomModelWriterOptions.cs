using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Interchange;

/// <summary>How DICOM JSON and XML treat large values.</summary>
/// <remarks>The default keeps everything that is in memory inline and names the rest by its path.</remarks>
public sealed record DicomModelWriterOptions
{
    public static DicomModelWriterOptions Default { get; } = new();

    /// <summary>Values in memory longer than this many bytes become bulk data references where their VR allows it (PS3.18 F.2.2).</summary>
    public long InlineLimit { get; init; } = long.MaxValue;

    /// <summary>Makes the URI of a bulk value from the element and its path in the data set, such as <c>54000100/0/54001010</c>.</summary>
    /// <remarks>Null leaves the value out. Default: the URI that the value was read with, otherwise the path itself.</remarks>
    public Func<DicomElement, string, string?> BulkDataUri { get; init; } = static (element, path) => element.Bulk?.Uri ?? path;

    /// <summary>Loads a value that was left where it is; without it, or if it returns null, a reference is written.</summary>
    /// <remarks>It is called only for native values, never for fragments.</remarks>
    public Func<DicomElement, ReadOnlyMemory<byte>?>? LoadBulk { get; init; }

    /// <summary>XML only: the root carries the namespace of the schema in PS3.19 section A.1.6.</summary>
    public bool IncludeXmlNamespace { get; init; } = true;

    /// <summary>Returns the URI to write for an element, or null and the element to write inline.</summary>
    internal string? Resolve(ref DicomElement element, DatasetWalker walker)
    {
        if (element.Bulk is { } bulk)
        {
            ReadOnlyMemory<byte>? loaded = bulk.IsEncapsulated ? null : LoadBulk?.Invoke(element);
            if (loaded is null)
            {
                return BulkDataUri(element, walker.PathOf(element));
            }

            element = new DicomElement(element.Tag, element.VR, loaded.Value);
        }

        return element.Value.Length > InlineLimit && element.VR.Traits().AllowsBulkData
            ? BulkDataUri(element, walker.PathOf(element))
            : null;
    }
}
