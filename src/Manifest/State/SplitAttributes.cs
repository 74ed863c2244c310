using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Manifest.State;

/// <summary>The attributes of an instance that the manifest keeps, by level, text in UTF-8.</summary>
public sealed record SplitAttributes(DicomDataset Study, DicomDataset Series, DicomDataset Instance);
