using ImagingIngestion.Manifest.Commitments;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>An instance that is not safe here.</summary>
internal readonly record struct CommitmentFailure(CommitmentReference Reference, CommitmentFailureReason Reason);

/// <summary>Failure Reason (0008,1197) of a reference (PS3.3 section C.14.1.1).</summary>
internal enum CommitmentFailureReason : ushort
{
    /// <summary>It is in the manifest, but its object is not as it should be.</summary>
    ProcessingFailure = 0x0110,

    /// <summary>It was never stored, or is deleted.</summary>
    NoSuchObjectInstance = 0x0112,

    /// <summary>It is stored as an instance of another SOP class.</summary>
    ClassInstanceConflict = 0x0119,
}
