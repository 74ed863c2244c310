using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// The due times of open revisions, kept with the manifest (docs/design.md, promise 3): restarts, several silos and different clocks change
/// nothing.
/// </summary>
public interface IRevisionQueue
{
    /// <summary>Leases revisions that are due by the clock of the store, the longest due first.</summary>
    /// <remarks>If a lease ends without a closing, the revision is claimable again.</remarks>
    Task<IReadOnlyList<RevisionClaim>> ClaimDueAsync(string owner, TimeSpan lease, int max, CancellationToken cancellationToken);

    /// <summary>Returns how long until the next revision is due or claimable again; null if none is open.</summary>
    Task<TimeSpan?> NextDueAsync(CancellationToken cancellationToken);
}

/// <summary>The due time of an open revision: the delay after the last change, but at most the longest delay after it opened.</summary>
public sealed record RevisionTiming(TimeSpan Delay, TimeSpan MaxDelay);

/// <summary>What closing a revision needs to know of the instances of a study.</summary>
/// <param name="Instances">All instances that the study has, in order of series, Instance Number (0020,0013) and arrival.</param>
/// <param name="Deleted">The instances that were deleted in the revision and do not exist.</param>
/// <param name="Before">
/// The packed data of the revision before (<see cref="EventData"/>), which shows what was deleted. Empty if nothing was deleted, or it is
/// the first.
/// </param>
public sealed record RevisionContent(
    IReadOnlyList<RevisionInstance> Instances, IReadOnlyList<InstanceId> Deleted, ReadOnlyMemory<byte> Before = default);

/// <summary>An instance in a revision.</summary>
/// <param name="Id">Its identity within the study.</param>
/// <param name="SopClass">Its SOP class.</param>
/// <param name="Number">Instance Number (0020,0013), if it is a number.</param>
/// <param name="AddedRevision">The revision that added it.</param>
/// <param name="ChangedRevision">The last revision that added or modified it.</param>
public sealed record RevisionInstance(InstanceId Id, SopClassUid SopClass, long? Number, int AddedRevision, int ChangedRevision);

/// <summary>The closing of an open revision; committed only while the claim holds and the revision is due.</summary>
/// <param name="Claim">The lease under which it is closed.</param>
/// <param name="Data">
/// The packed <see cref="StudyRevisionEvent"/> (<see cref="EventData"/>): stored as the revision, and as the data of its event.
/// </param>
public sealed record RevisionClosing(RevisionClaim Claim, ReadOnlyMemory<byte> Data);

/// <summary>The lease on a due revision: the owner of the newest token may close it.</summary>
/// <param name="Study">The study.</param>
/// <param name="Revision">The number of the revision.</param>
/// <param name="Token">The fencing token of this claim.</param>
public sealed record RevisionClaim(StudyKey Study, int Revision, long Token);
