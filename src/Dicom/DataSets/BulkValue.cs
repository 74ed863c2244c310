namespace ImagingIngestion.Dicom.DataSets;

/// <summary>A value that was left where it is: a range of the data set bytes, or a URI.</summary>
public sealed record BulkValue
{
    /// <summary>Offset of the value field in bytes from the first byte of the data set (after inflation where the syntax is deflated).</summary>
    public long Offset { get; init; }

    /// <summary>Length of the value field in bytes. For encapsulated pixel data: from the offset table item to the end of the sequence delimiter.</summary>
    public long Length { get; init; }

    /// <summary>The value is a sequence of fragments (PS3.5 section A.4) rather than the plain value.</summary>
    public bool IsEncapsulated { get; init; }

    /// <summary>Encapsulated pixel data that ends without its sequence delimiter.</summary>
    public bool LacksDelimiter { get; init; }

    /// <summary>The BulkDataURI it was read with from DICOM JSON or XML, where it has no range.</summary>
    public string? Uri { get; init; }
}
