using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Manifest.Identity;

/// <summary>The identity of a study grain.</summary>
public readonly record struct StudyKey(ProviderName Provider, StudyInstanceUid Study);
