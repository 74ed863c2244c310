using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Manifest.State;

/// <summary>What the manifest holds of a series.</summary>
public sealed record SeriesState
{
    public required SeriesInstanceUid Uid { get; init; }

    /// <summary>Series-level attributes merged from all its instances, text in UTF-8.</summary>
    public required DicomDataset Attributes { get; init; }

    public required int InstanceCount { get; init; }

    /// <summary>The values of Modality (0008,0060), normally one.</summary>
    public required IReadOnlyList<string> Modalities { get; init; }
}
