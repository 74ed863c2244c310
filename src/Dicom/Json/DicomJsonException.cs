using ImagingIngestion.Dicom.Interchange;

namespace ImagingIngestion.Dicom.Json;

/// <summary>Text that is not JSON, or JSON that is not the DICOM JSON Model (PS3.18 annex F).</summary>
public sealed class DicomJsonException(string reason, string tagPath, long byteOffset, Exception? inner = null)
    : DicomModelException($"{reason} (at byte {byteOffset})", tagPath, inner)
{
    /// <summary>Where reading stopped, in bytes from the start of the text.</summary>
    public long ByteOffset { get; } = byteOffset;
}
