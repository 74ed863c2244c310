using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Ingest;

/// <summary>The result of storing one instance.</summary>
/// <remarks>Its text is fit for answers and logs: no values, only UIDs and what to change.</remarks>
public sealed record StoreResult
{
    /// <summary>Null when the instance is stored.</summary>
    public StoreFailure? Failure { get; init; }

    /// <summary>The oddity of a stored instance, if any.</summary>
    public StoreWarning? Warning { get; init; }

    /// <summary>What to change, for a failure.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Where the instance is stored; null for failures.</summary>
    public InstanceIdentity? Identity { get; init; }

    /// <summary>As far as it is known, also for failures.</summary>
    public SopClassUid? SopClass { get; init; }

    /// <summary>As far as it is known, also for failures.</summary>
    public SopInstanceUid? SopInstance { get; init; }

    public bool IsStored => Failure is null;

    /// <summary>Both UIDs are known that an answer needs to refer to the instance.</summary>
    public bool IsIdentified => SopClass is not null && SopInstance is not null;

    public static StoreResult Stored(InstanceIdentity identity, StoreWarning? warning)
        => new() { Identity = identity, SopClass = identity.SopClass, SopInstance = identity.Sop, Warning = warning };

    /// <summary>Makes a failure, with the UIDs in the part of the data set that arrived.</summary>
    public static StoreResult Failed(StoreFailure failure, string detail, DicomDataset? dataset = null) => new()
    {
        Failure = failure,
        Detail = detail,
        SopClass = SopClassUid.TryParse(InstanceIdentity.Text(dataset, DicomTag.SOPClassUID), out SopClassUid sopClass) ? sopClass : null,
        SopInstance = SopInstanceUid.TryParse(InstanceIdentity.Text(dataset, DicomTag.SOPInstanceUID), out SopInstanceUid sop) ? sop : null,
    };
}

/// <summary>The oddity of an instance that was stored: WarningReason (0008,1196) and DIMSE warning status.</summary>
public enum StoreWarning : ushort
{
    /// <summary>What is stored under this identity differs from what was sent: the first content was kept by policy.</summary>
    Coercion = 0xB000,

    /// <summary>
    /// Elements are stored but not shown by searches and metadata: repeated ones, bytes after the end, elements of file meta information.
    /// </summary>
    ElementsDiscarded = 0xB006,

    /// <summary>The data set is not encoded as it says, or has values that the standard does not allow.</summary>
    DataSetMismatch = 0xB007,
}

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

/// <summary>
/// The one table of failure codes: FailureReason (0008,1197) of STOW-RS (PS3.18 table I.2-2) and the status of C-STORE-RSP (PS3.7 annex C,
/// PS3.4 table B.2-1) are the same number.
/// </summary>
public static class FailureReasons
{
    private static readonly (StoreFailure Failure, ushort Code, bool IsTransient)[] Rows =
    [
        (StoreFailure.ProcessingFailure, 0x0110, false),
        (StoreFailure.DuplicateInstance, 0x0111, false),
        (StoreFailure.InvalidInstance, 0x0117, false),
        (StoreFailure.SopClassNotSupported, 0x0122, false),
        (StoreFailure.NotAuthorized, 0x0124, false),
        (StoreFailure.ResourceLimitation, 0x0213, true),
        (StoreFailure.OutOfResources, 0xA700, true),
        (StoreFailure.DataSetMismatch, 0xA900, false),
        (StoreFailure.StudyMismatch, 0xA901, false),
        (StoreFailure.CannotUnderstand, 0xC000, false),
        (StoreFailure.TransferSyntaxNotSupported, 0xC122, false),
        (StoreFailure.Unavailable, 0x0110, true),
    ];

    /// <summary>Returns the code on the wire.</summary>
    public static ushort Code(this StoreFailure failure) => Row(failure).Code;

    /// <summary>Returns whether sending the same again later may succeed: 503 rather than 409 if nothing else went wrong.</summary>
    public static bool IsTransient(this StoreFailure failure) => Row(failure).IsTransient;

    /// <summary>
    /// Returns the status of a C-STORE-RSP. Transient failures are A700, because senders try that again and hardly any other status.
    /// </summary>
    public static ushort StoreStatus(this StoreFailure failure) => (failure.IsTransient() ? StoreFailure.OutOfResources : failure).Code();

    private static (StoreFailure Failure, ushort Code, bool IsTransient) Row(StoreFailure failure)
        => Array.Find(Rows, row => row.Failure == failure);
}
