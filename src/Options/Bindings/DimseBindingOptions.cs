namespace ImagingIngestion.Options;

/// <summary>Delivers instances by C-STORE (PS3.4 annex B).</summary>
public sealed record DimseBindingOptions
{
    /// <summary>A name or an IPv4 or IPv6 address.</summary>
    public required string Host { get; init; }

    public int Port { get; init; } = 11112;

    /// <summary>The target's title, which it is called by.</summary>
    public required string CalledAeTitle { get; init; }

    /// <summary>Our title, which the target may have to know.</summary>
    public string CallingAeTitle { get; init; } = "DICOM-INGEST";

    /// <summary>Null for a connection without TLS.</summary>
    public DimseTlsTargetOptions? Tls { get; init; }

    /// <summary>Associations to the target at once; as many instances are on their way at a time.</summary>
    public int Associations { get; init; } = 2;

    /// <summary>How long an association is kept open without being used.</summary>
    public TimeSpan AssociationIdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long connecting may take, TLS included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the target may take nothing of what is sent, or stop within a message.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the target may take to answer a C-STORE after its last byte: some archives store before they answer.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
