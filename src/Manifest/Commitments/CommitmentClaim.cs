namespace ImagingIngestion.Manifest.Commitments;

/// <summary>The lease on a request that is due.</summary>
/// <param name="Id">Names the request in its queue.</param>
/// <param name="Token">The fencing token of this claim.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="Age">How long ago, by the clock of the store.</param>
/// <param name="Attempts">Reports that failed so far.</param>
public sealed record CommitmentClaim(long Id, long Token, CommitmentRequest Request, TimeSpan Age, int Attempts);
