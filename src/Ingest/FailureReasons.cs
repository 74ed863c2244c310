namespace ImagingIngestion.Ingest;

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

    /// <summary>The code on the wire.</summary>
    public static ushort Code(this StoreFailure failure) => Row(failure).Code;

    /// <summary>Sending the same again later may succeed: 503 rather than 409 when nothing else went wrong.</summary>
    public static bool IsTransient(this StoreFailure failure) => Row(failure).IsTransient;

    /// <summary>
    /// The status of a C-STORE-RSP. What may succeed later is A700, because senders try that again and hardly any other status.
    /// </summary>
    public static ushort StoreStatus(this StoreFailure failure) => (failure.IsTransient() ? StoreFailure.OutOfResources : failure).Code();

    private static (StoreFailure Failure, ushort Code, bool IsTransient) Row(StoreFailure failure)
        => Array.Find(Rows, row => row.Failure == failure);
}
