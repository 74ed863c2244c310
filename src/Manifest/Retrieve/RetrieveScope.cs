using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Retrieve;

/// <summary>What to retrieve: a study, a series (no <paramref name="Sop"/>) or an instance.</summary>
public sealed record RetrieveScope(StudyKey Study, SeriesInstanceUid? Series, SopInstanceUid? Sop);
