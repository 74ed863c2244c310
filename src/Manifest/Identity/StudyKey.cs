using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Manifest.Identity;

/// <summary>The identity of a study grain.</summary>
public readonly record struct StudyKey(ProviderName Provider, StudyInstanceUid Study);

/// <summary>Names an instance within its study. A SOP Instance UID alone does not: the same one may stand in two series.</summary>
public readonly record struct InstanceId(SeriesInstanceUid Series, SopInstanceUid Sop);
