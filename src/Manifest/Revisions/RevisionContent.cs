using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Revisions;

/// <summary>What closing a revision needs to know of the instances of a study.</summary>
/// <param name="Instances">All instances that the study has, in order of series, Instance Number (0020,0013) and arrival.</param>
/// <param name="Deleted">The instances that were deleted in the revision and are not there.</param>
/// <param name="Before">
/// The packed data of the revision before (<see cref="EventData"/>): what was deleted can be seen only there. Empty where nothing was
/// deleted, or it is the first.
/// </param>
public sealed record RevisionContent(
    IReadOnlyList<RevisionInstance> Instances, IReadOnlyList<InstanceId> Deleted, ReadOnlyMemory<byte> Before = default);

/// <summary>An instance as a revision lists it.</summary>
/// <param name="Id">Its identity within the study.</param>
/// <param name="SopClass">Its SOP class.</param>
/// <param name="Number">Instance Number (0020,0013), where it is a number.</param>
/// <param name="AddedRevision">The revision that added it.</param>
/// <param name="ChangedRevision">The last revision that added or modified it.</param>
public sealed record RevisionInstance(InstanceId Id, SopClassUid SopClass, long? Number, int AddedRevision, int ChangedRevision);
