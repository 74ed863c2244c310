namespace ImagingIngestion.Manifest.Ports;

/// <summary>How far the sweeper of a storage space is, as the manifest tells it.</summary>
public sealed record SweepState
{
    /// <summary>Counts up; 0 before the first. The object store keeps the same number, so that an older copy of the manifest is noticed.</summary>
    public required long Epoch { get; init; }

    /// <summary>Tells the epoch from one of the same number in a copy of the manifest; empty before the first.</summary>
    public required string Nonce { get; init; }

    /// <summary>The number of the last change that the epoch covers.</summary>
    public required long CoveredChange { get; init; }

    /// <summary>The number of the last change of the manifest that stored objects, in any storage space.</summary>
    public required long LastChange { get; init; }

    /// <summary>When the space was swept, or when its first epoch began.</summary>
    public required DateTimeOffset SweptAt { get; init; }

    /// <summary>The clock of the store.</summary>
    public required DateTimeOffset Now { get; init; }
}
