namespace ImagingIngestion.Gateways.Stow;

/// <summary>The bounds of one store request.</summary>
public sealed record StowOptions
{
    /// <summary>Parts of one request; each leaves its line in the answer, which is kept in memory.</summary>
    public int MaxParts { get; init; } = 50_000;

    /// <summary>Bytes of one request, null for no limit.</summary>
    public long? MaxRequestBytes { get; init; }

    /// <summary>How long one request may take in all.</summary>
    public TimeSpan RequestDeadline { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long a sender may stay silent within a request.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>What a sender that is told to try later waits.</summary>
    public int RetryAfterSeconds { get; init; } = 10;
}
