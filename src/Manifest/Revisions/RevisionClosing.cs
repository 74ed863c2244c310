using ImagingIngestion.Manifest.Events;

namespace ImagingIngestion.Manifest.Revisions;

/// <summary>Closes an open revision; committed only while the claim holds and the revision is due.</summary>
/// <param name="Claim">The lease under which it is closed.</param>
/// <param name="Data">The packed <see cref="StudyRevisionEvent"/> (<see cref="EventData"/>): kept as the revision, and as the data of its event.</param>
public sealed record RevisionClosing(RevisionClaim Claim, ReadOnlyMemory<byte> Data);
