using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Commitments;

/// <summary>An application entity asks whether instances are safe (PS3.4 section J.3.2).</summary>
public sealed record CommitmentRequest
{
    /// <summary>Where the instances are looked for.</summary>
    public required ProviderName Provider { get; init; }

    /// <summary>Who asks, and hears the result.</summary>
    public required string CallingAeTitle { get; init; }

    /// <summary>The title that it knows us under.</summary>
    public required string CalledAeTitle { get; init; }

    /// <summary>Transaction UID (0008,1195), which the result repeats.</summary>
    public required string TransactionUid { get; init; }

    public required IReadOnlyList<CommitmentReference> References { get; init; }
}

/// <summary>An instance whose safe keeping is asked for, or told (Referenced SOP Sequence, (0008,1199)).</summary>
public readonly record struct CommitmentReference(SopClassUid SopClass, SopInstanceUid Sop);

/// <summary>The lease on a request that is due.</summary>
/// <param name="Id">Names the request in its queue.</param>
/// <param name="Token">The fencing token of this claim.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="Age">How long ago, by the clock of the store.</param>
/// <param name="Attempts">Reports that failed so far.</param>
public sealed record CommitmentClaim(long Id, long Token, CommitmentRequest Request, TimeSpan Age, int Attempts);
