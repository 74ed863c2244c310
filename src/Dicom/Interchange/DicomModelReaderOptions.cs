namespace ImagingIngestion.Dicom.Interchange;

/// <summary>What a DICOM JSON or XML document may cost its reader.</summary>
public sealed record DicomModelReaderOptions
{
    public static DicomModelReaderOptions Default { get; } = new();

    /// <summary>Sequences within sequences; at most 512, because the reader spends stack on each.</summary>
    public int MaxDepth
    {
        get;
        init => field = value is >= 0 and <= 512
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), $"{nameof(MaxDepth)} must be between 0 and 512.");
    } = 256;

    /// <summary>Elements, items and values of one document, all levels together.</summary>
    public int MaxElements { get; init; } = 2_000_000;

    /// <summary>XML only: characters of one document.</summary>
    public long MaxXmlCharacters { get; init; } = 512L * 1024 * 1024;
}
