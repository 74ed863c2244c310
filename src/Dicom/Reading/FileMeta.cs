using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>File meta information as it was found (PS3.10 section 7.1). Nothing in it is trusted but the transfer syntax.</summary>
public sealed record FileMeta
{
    /// <summary>Transfer Syntax UID (0002,0010), trimmed; null where absent or empty.</summary>
    public string? TransferSyntaxUid { get; init; }

    /// <summary>Media Storage SOP Class UID (0002,0002).</summary>
    public string? MediaStorageSopClassUid { get; init; }

    /// <summary>Media Storage SOP Instance UID (0002,0003).</summary>
    public string? MediaStorageSopInstanceUid { get; init; }

    /// <summary>The group 0002 elements.</summary>
    public DicomDataset Elements { get; init; } = new();
}
