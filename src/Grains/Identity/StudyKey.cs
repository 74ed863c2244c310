using ImagingIngestion.Dicom;

namespace ImagingIngestion.Grains;

/// <summary>The identity of a study grain.</summary>
public readonly record struct StudyKey(ProviderName Provider, StudyInstanceUid Study);
