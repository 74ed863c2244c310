using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>What stands before the data set, and how the data set is encoded.</summary>
/// <param name="Meta">The file meta information; empty where there is none.</param>
/// <param name="TransferSyntax">The encoding that the data set really has.</param>
/// <param name="DataSetOffset">Bytes before the data set.</param>
/// <param name="Warnings">What was odd.</param>
public sealed record Part10Head(FileMeta Meta, TransferSyntax TransferSyntax, int DataSetOffset, IReadOnlyList<DicomParseWarning> Warnings)
{
    /// <summary>
    /// The 128 bytes that the file begins with; empty where there are none. They mean nothing in DICOM, and may be a file of another kind.
    /// </summary>
    public ReadOnlyMemory<byte> Preamble { get; init; }
}

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
