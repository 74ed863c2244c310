using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Manifest.Study;

/// <summary>Asks a study grain to delete an instance, a series (no <paramref name="Sop"/>) or the whole study (neither).</summary>
public sealed record DeleteRequest(SeriesInstanceUid? Series, SopInstanceUid? Sop);
