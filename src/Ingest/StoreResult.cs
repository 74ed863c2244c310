using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Ingest;

/// <summary>What became of one instance. Text in it is fit for answers and logs: no values, only UIDs and what to change.</summary>
public sealed record StoreResult
{
    /// <summary>Null when the instance is stored.</summary>
    public StoreFailure? Failure { get; init; }

    /// <summary>What was odd about a stored instance, if anything.</summary>
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

    public static StoreResult Stored(InstanceIdentity identity, StoreWarning? warning)
        => new() { Identity = identity, SopClass = identity.SopClass, SopInstance = identity.Sop, Warning = warning };

    /// <summary>A failure; what is known of the identity is read from the part of the data set that arrived.</summary>
    public static StoreResult Failed(StoreFailure failure, string detail, DicomDataset? dataset = null) => new()
    {
        Failure = failure,
        Detail = detail,
        SopClass = SopClassUid.TryParse(InstanceIdentity.Text(dataset, DicomTag.SOPClassUID), out SopClassUid sopClass) ? sopClass : null,
        SopInstance = SopInstanceUid.TryParse(InstanceIdentity.Text(dataset, DicomTag.SOPInstanceUID), out SopInstanceUid sop) ? sop : null,
    };
}

/// <summary>What was odd about an instance that was stored: WarningReason (0008,1196) and DIMSE warning status.</summary>
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
