using ImagingIngestion.Dicom;
using ImagingIngestion.Dimse;

namespace ImagingIngestion.Gateways.Tests;

/// <summary>What a query was answered with.</summary>
internal sealed record FindReplies(IReadOnlyList<(DimseStatus Status, DicomDataset Identifier)> Matches, CFindResponse Final)
{
    public string[] Values(DicomTag tag) => [.. Matches.Select(match => match.Identifier.GetString(tag) ?? "")];
}
