using ImagingIngestion.Manifest.Commitments;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>What became of the references of a request, in their order.</summary>
internal sealed record CommitmentResult(IReadOnlyList<CommitmentReference> Committed, IReadOnlyList<CommitmentFailure> Failed)
{
    /// <summary>The event that tells it.</summary>
    public ushort EventTypeId => Failed.Count == 0 ? StorageCommitment.SuccessEvent : StorageCommitment.FailuresEvent;

    /// <summary>Some were not found; they may be on their way.</summary>
    public bool IsAnyMissing => Failed.Any(failure => failure.Reason == CommitmentFailureReason.NoSuchObjectInstance);
}
