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
