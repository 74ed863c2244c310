namespace ImagingIngestion.Dicom.Reading;

/// <summary>Bytes could not be read as DICOM. Names the place, never a value.</summary>
public sealed class DicomParseException : Exception
{
    public DicomParseException(DicomParseError error, string detail, string tagPath, long offset, Exception? inner = null)
        : base($"{detail} (at {(tagPath.Length == 0 ? "the start" : tagPath)}, offset {offset})", inner)
    {
        Error = error;
        TagPath = tagPath;
        Offset = offset;
    }

    public DicomParseError Error { get; }

    /// <summary>Tags and 0-based item numbers from the root, such as <c>00081115/0/0008114A</c>; empty at the start.</summary>
    public string TagPath { get; }

    /// <summary>
    /// Bytes from the first byte of the data set (inflated where deflated), or of the file for errors in the file meta information.
    /// </summary>
    public long Offset { get; }
}
