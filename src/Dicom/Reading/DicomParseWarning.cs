namespace ImagingIngestion.Dicom.Reading;

/// <summary>Something odd that did not keep a data set from being read.</summary>
public enum DicomParseWarning
{
    /// <summary>No preamble and "DICM" before the file meta information.</summary>
    MissingPreamble,

    /// <summary>No file meta information, or none that names a transfer syntax; the encoding was guessed.</summary>
    GuessedTransferSyntax,

    /// <summary>The transfer syntax named is not the one the data set has.</summary>
    WrongTransferSyntax,

    /// <summary>The same tag stands twice in one data set; the first is used.</summary>
    DuplicateElement,

    /// <summary>Tags do not ascend.</summary>
    ElementOrder,

    /// <summary>A VR that the standard does not know, or an element without VR in an explicit encoding.</summary>
    UnknownVR,

    /// <summary>A value of odd length.</summary>
    OddLength,

    /// <summary>Bytes after the last element that are no element.</summary>
    TrailingBytes,

    /// <summary>File meta information or a command set stood before the data set; it was taken away.</summary>
    StrippedHead,

    /// <summary>An element of a command set or of file meta information stands within the data set.</summary>
    MetaInDataSet,

    /// <summary>A value that holds no items under the tag of a sequence; it is read as UN.</summary>
    SequenceWithoutItems,

    /// <summary>A deflated data set within zlib headers (RFC 1950) instead of raw (PS3.5 section A.5).</summary>
    ZlibWrapped,

    /// <summary>A delimiter that closes nothing, or what has a length.</summary>
    StrayDelimiter,

    /// <summary>Encapsulated pixel data ends without its sequence delimiter.</summary>
    MissingDelimiter,

    /// <summary>Pixel data is shorter than rows, columns and frames ask for.</summary>
    ShortPixelData,

    /// <summary>Where each frame of the pixel data begins cannot be told.</summary>
    UnresolvedFrames,

    /// <summary>Fragments under a native transfer syntax, or native pixel data under a compressed one.</summary>
    PixelDataMismatch,
}
