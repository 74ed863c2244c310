using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Revisions;

/// <summary>An instance as a revision lists it.</summary>
/// <param name="Id">Its identity within the study.</param>
/// <param name="SopClass">Its SOP class.</param>
/// <param name="Number">Instance Number (0020,0013), where it is a number.</param>
/// <param name="AddedRevision">The revision that added it.</param>
/// <param name="ChangedRevision">The last revision that added or modified it.</param>
public sealed record RevisionInstance(InstanceId Id, SopClassUid SopClass, long? Number, int AddedRevision, int ChangedRevision);
