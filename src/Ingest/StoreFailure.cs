namespace ImagingIngestion.Ingest;

/// <summary>Why an instance was not stored; <see cref="FailureReasons"/> gives the codes.</summary>
public enum StoreFailure
{
    /// <summary>A fault of ours that no other row names.</summary>
    ProcessingFailure,

    /// <summary>Other content is stored under this identity, and the policy is to reject.</summary>
    DuplicateInstance,

    /// <summary>A UID that identifies the instance is missing or no UID.</summary>
    InvalidInstance,

    /// <summary>Not a composite instance that can be stored, such as a DICOMDIR.</summary>
    SopClassNotSupported,

    /// <summary>The sender may not store here.</summary>
    NotAuthorized,

    /// <summary>More parts or bytes than one request may have, or too many uploads at once.</summary>
    ResourceLimitation,

    /// <summary>No space is left for objects or for the manifest.</summary>
    OutOfResources,

    /// <summary>The data set is not of the SOP class that the sender announced.</summary>
    DataSetMismatch,

    /// <summary>The instance belongs to another study than the one that the request names.</summary>
    StudyMismatch,

    /// <summary>The bytes cannot be read as DICOM, or end early.</summary>
    CannotUnderstand,

    /// <summary>The transfer syntax UID is no UID.</summary>
    TransferSyntaxNotSupported,

    /// <summary>Object store or manifest cannot work now; sending again may help.</summary>
    Unavailable,
}
