using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Manifest.Commitments;

/// <summary>An instance whose safe keeping is asked for, or told (Referenced SOP Sequence, (0008,1199)).</summary>
public readonly record struct CommitmentReference(SopClassUid SopClass, SopInstanceUid Sop);
