namespace ImagingIngestion.Dicom.Reading;

/// <summary>Limits on the data that a reader accepts; a breach is a <see cref="DicomParseException"/> with the place.</summary>
public sealed record DicomReaderOptions
{
    public static DicomReaderOptions Default { get; } = new();

    /// <summary>Sequences within sequences.</summary>
    public int MaxDepth { get; init; } = 128;

    /// <summary>Data elements of the whole data set, items included.</summary>
    public int MaxElements { get; init; } = 500_000;

    /// <summary>Items of all sequences together.</summary>
    public int MaxItems { get; init; } = 250_000;

    /// <summary>Bytes of all values that are kept in memory, without bulk values.</summary>
    public long MaxHeaderBytes { get; init; } = 32L << 20;

    /// <summary>Bytes of the file meta information.</summary>
    public int MaxFileMetaBytes { get; init; } = 64 << 10;

    /// <summary>Fragments of encapsulated pixel data.</summary>
    public int MaxFragments { get; init; } = 1_000_000;

    /// <summary>Bytes that a deflated data set may inflate to.</summary>
    public long MaxInflatedBytes { get; init; } = 2L << 30;

    /// <summary>Binary values (OB, OW, OF, OD, OL, OV, UN) longer than this stay in the stream as bulk values.</summary>
    public int BulkThreshold { get; init; } = 1024;

    /// <summary>Other values that DICOM JSON may carry as bulk data stay in the stream if they are longer than this.</summary>
    public int LongValueThreshold { get; init; } = 256 << 10;
}
