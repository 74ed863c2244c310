namespace ImagingIngestion.Dicom.Reading;

/// <summary>Bytes could not be read as DICOM; the message names the place, never a value.</summary>
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
    /// Bytes from the first byte of the data set (after inflation), or of the file for errors in the file meta information.
    /// </summary>
    public long Offset { get; }
}

/// <summary>The reason why bytes could not be read as DICOM.</summary>
public enum DicomParseError
{
    /// <summary>The bytes do not begin like DICOM in any encoding.</summary>
    NotDicom,

    /// <summary>The bytes end within an element, sequence, item or fragment.</summary>
    Truncated,

    /// <summary>A length exceeds its enclosing item or sequence, or is undefined where that is not allowed.</summary>
    BadLength,

    /// <summary>An item or delimiter is in a place where none may be, or another element in a place where one must be.</summary>
    UnexpectedElement,

    /// <summary>A limit of <see cref="DicomReaderOptions"/> is reached.</summary>
    LimitExceeded,

    /// <summary>The deflated data set is corrupt.</summary>
    BadDeflate,
}

/// <summary>An irregularity that did not prevent a data set from being read.</summary>
public enum DicomParseWarning
{
    /// <summary>No preamble and "DICM" before the file meta information.</summary>
    MissingPreamble,

    /// <summary>No file meta information, or none that names a transfer syntax; the encoding was guessed.</summary>
    GuessedTransferSyntax,

    /// <summary>The named transfer syntax is not the one that the data set has.</summary>
    WrongTransferSyntax,

    /// <summary>The same tag occurs twice in one data set; the first is used.</summary>
    DuplicateElement,

    /// <summary>Tags do not ascend.</summary>
    ElementOrder,

    /// <summary>A VR that the standard does not know, or an element without VR in an explicit encoding.</summary>
    UnknownVR,

    /// <summary>A value of odd length.</summary>
    OddLength,

    /// <summary>Bytes after the last element that are not an element.</summary>
    TrailingBytes,

    /// <summary>File meta information or a command set preceded the data set; it was removed.</summary>
    StrippedHead,

    /// <summary>An element of a command set or of file meta information is in the data set.</summary>
    MetaInDataSet,

    /// <summary>A value without items under the tag of a sequence; it is read as UN.</summary>
    SequenceWithoutItems,

    /// <summary>A deflated data set within zlib headers (RFC 1950) instead of raw (PS3.5 section A.5).</summary>
    ZlibWrapped,

    /// <summary>A delimiter that closes nothing, or closes something of defined length.</summary>
    StrayDelimiter,

    /// <summary>Encapsulated pixel data ends without its sequence delimiter.</summary>
    MissingDelimiter,

    /// <summary>Pixel data is shorter than rows, columns and frames require.</summary>
    ShortPixelData,

    /// <summary>The beginnings of the frames in the pixel data are unknown.</summary>
    UnresolvedFrames,

    /// <summary>Fragments under a native transfer syntax, or native pixel data under a compressed one.</summary>
    PixelDataMismatch,
}
