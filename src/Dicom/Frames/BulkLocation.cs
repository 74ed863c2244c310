using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Frames;

/// <summary>A bulk value of an instance and the path under which retrieves name it.</summary>
/// <param name="Path">Tags in upper-case hexadecimal and 0-based item numbers, as in <c>54000100/0/54001010</c>.</param>
/// <param name="VR">The VR of the element.</param>
/// <param name="Range">The value field, in bytes from the start of the data set (inflated where deflated).</param>
/// <param name="IsEncapsulated">The range holds a sequence of fragments.</param>
public sealed record BulkLocation(string Path, DicomVR VR, ByteRange Range, bool IsEncapsulated);
