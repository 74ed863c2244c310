using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Gateways.Tests.Dimse.Commitment;

/// <summary>An N-EVENT-REPORT as a requestor received it.</summary>
/// <param name="EventTypeId">1 for success, 2 for failures.</param>
/// <param name="Information">The data set.</param>
/// <param name="IsReverse">It came on an association that the reporting side asked for.</param>
internal sealed record CommitmentReport(int EventTypeId, DicomDataset Information, bool IsReverse)
{
    public string? Transaction => Information.GetString(DicomTag.TransactionUID);

    public (string Class, string Instance)[] Committed => CommitmentData.Committed(Information);

    public (string Class, string Instance, string Reason)[] Failed => CommitmentData.Failed(Information);
}
