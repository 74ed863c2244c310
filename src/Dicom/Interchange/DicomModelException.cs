namespace ImagingIngestion.Dicom.Interchange;

/// <summary>A DICOM JSON or XML document that cannot be a data set. The message names the place and the fault, never a value.</summary>
public abstract class DicomModelException(string reason, string tagPath, Exception? inner)
    : Exception(tagPath.Length == 0 ? reason : $"{tagPath}: {reason}", inner)
{
    /// <summary>The element at fault: hexadecimal tags with 0-based item numbers between them; empty outside any element.</summary>
    public string TagPath { get; } = tagPath;
}
