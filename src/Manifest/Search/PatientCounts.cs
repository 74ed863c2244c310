namespace ImagingIngestion.Manifest.Search;

/// <summary>What the storage space holds of the patient whom the Patient ID of a study names.</summary>
/// <param name="Studies">(0020,1200)</param>
/// <param name="Series">(0020,1202)</param>
/// <param name="Instances">(0020,1204)</param>
public sealed record PatientCounts(int Studies, int Series, int Instances);
