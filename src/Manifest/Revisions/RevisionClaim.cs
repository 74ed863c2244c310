using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Revisions;

/// <summary>The lease on a due revision: who holds the newest token may close it.</summary>
/// <param name="Study">The study.</param>
/// <param name="Revision">The number that the revision gets.</param>
/// <param name="Token">The fencing token of this claim.</param>
public sealed record RevisionClaim(StudyKey Study, int Revision, long Token);
