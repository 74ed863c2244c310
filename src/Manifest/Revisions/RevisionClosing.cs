using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Revisions;

/// <summary>Closes an open revision; committed only while the claim holds and the revision is due.</summary>
/// <param name="Claim">The lease under which it is closed.</param>
/// <param name="Data">
/// The packed <see cref="StudyRevisionEvent"/> (<see cref="EventData"/>): kept as the revision, and as the data of its event.
/// </param>
public sealed record RevisionClosing(RevisionClaim Claim, ReadOnlyMemory<byte> Data);

/// <summary>The lease on a due revision: who holds the newest token may close it.</summary>
/// <param name="Study">The study.</param>
/// <param name="Revision">The number that the revision gets.</param>
/// <param name="Token">The fencing token of this claim.</param>
public sealed record RevisionClaim(StudyKey Study, int Revision, long Token);
