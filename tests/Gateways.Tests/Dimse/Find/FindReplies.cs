using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Gateways.Tests.Dimse.Find;

/// <summary>What a query was answered with.</summary>
internal sealed record FindReplies(IReadOnlyList<(DimseStatus Status, DicomDataset Identifier)> Matches, CFindResponse Final)
{
    public string[] Values(DicomTag tag) => [.. Matches.Select(match => match.Identifier.GetString(tag) ?? "")];
}
