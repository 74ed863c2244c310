namespace ImagingIngestion.Dicom.Reading;

/// <summary>Why bytes could not be read as DICOM.</summary>
public enum DicomParseError
{
    /// <summary>The bytes do not begin like DICOM in any encoding.</summary>
    NotDicom,

    /// <summary>The bytes end within an element, sequence, item or fragment.</summary>
    Truncated,

    /// <summary>A length runs past what encloses it, or is undefined where that is not allowed.</summary>
    BadLength,

    /// <summary>An item or delimiter is where none may be, or another element is where one must be.</summary>
    UnexpectedElement,

    /// <summary>A limit of <see cref="DicomReaderOptions"/> is reached.</summary>
    LimitExceeded,

    /// <summary>The deflated data set is corrupt.</summary>
    BadDeflate,
}
