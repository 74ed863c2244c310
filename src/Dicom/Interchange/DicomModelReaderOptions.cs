namespace ImagingIngestion.Dicom.Interchange;

/// <summary>Limits on the cost of reading a DICOM JSON or XML document.</summary>
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

/// <summary>A DICOM JSON or XML document that cannot be a data set.</summary>
/// <remarks>The message names the place and the fault, never a value.</remarks>
public abstract class DicomModelException(string reason, string tagPath, Exception? inner)
    : Exception(tagPath.Length == 0 ? reason : $"{tagPath}: {reason}", inner)
{
    /// <summary>The element at fault: hexadecimal tags with 0-based item numbers between them; empty outside any element.</summary>
    public string TagPath { get; } = tagPath;
}
