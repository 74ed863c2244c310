using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>What stands before the data set, and how the data set is encoded.</summary>
/// <param name="Meta">The file meta information; empty where there is none.</param>
/// <param name="TransferSyntax">The encoding that the data set really has.</param>
/// <param name="DataSetOffset">Bytes before the data set.</param>
/// <param name="Warnings">What was odd.</param>
public sealed record Part10Head(FileMeta Meta, TransferSyntax TransferSyntax, int DataSetOffset, IReadOnlyList<DicomParseWarning> Warnings)
{
    /// <summary>The 128 bytes that the file begins with; empty where there are none. They mean nothing in DICOM, and may be a file of another kind.</summary>
    public ReadOnlyMemory<byte> Preamble { get; init; }
}
