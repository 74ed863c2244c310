namespace ImagingIngestion.Gateways.Http;

/// <summary>What stands at a place where a delimiter line may begin.</summary>
internal enum BoundaryMatch
{
    /// <summary>Not a delimiter line.</summary>
    None,

    /// <summary>Undecided until more bytes arrive.</summary>
    NeedsMore,

    /// <summary>A delimiter line: a part follows.</summary>
    Delimiter,

    /// <summary>The closing delimiter.</summary>
    Closing,
}
