using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Xml;

/// <summary>Text that is not XML, or XML that is not the Native DICOM Model (PS3.19 annex A.1).</summary>
public sealed class DicomXmlException(string reason, string tagPath, int line, Exception? inner = null)
    : DicomModelException($"{reason} (at line {line})", tagPath, inner)
{
    /// <summary>Where reading stopped, 1-based; 0 when not known.</summary>
    public int Line { get; } = line;
}
