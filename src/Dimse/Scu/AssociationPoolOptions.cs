namespace ImagingIngestion.Dimse.Scu;

/// <summary>Limits and times of an <see cref="AssociationPool"/>.</summary>
public sealed record AssociationPoolOptions
{
    /// <summary>Associations to the peer at once, those that are being opened or released included.</summary>
    public int MaxAssociations { get; init; } = 2;

    /// <summary>How long an association that nobody uses is kept; shorter than peers keep idle ones.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Callers that may wait for an association; one more fails at once.</summary>
    public int MaxWaiters { get; init; } = 256;

    /// <summary>How long a caller waits for others to be done.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a release may take; then the association is aborted.</summary>
    public TimeSpan ReleaseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a peer's refusal of a presentation context is taken for granted; after that it is asked again.</summary>
    public TimeSpan RefusalLifetime { get; init; } = TimeSpan.FromMinutes(1);
}
