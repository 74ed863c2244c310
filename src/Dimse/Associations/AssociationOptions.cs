namespace ImagingIngestion.Dimse.Associations;

/// <summary>Limits and times of one association. Each time-out ends in an A-ABORT, or in closing the connection.</summary>
public sealed record AssociationOptions
{
    /// <summary>The longest P-DATA-TF that is taken, without its header (PS3.8 section D.1).</summary>
    public int MaximumLength { get; init; } = 256 << 10;

    /// <summary>The longest P-DATA-TF that is sent where the peer would take longer ones.</summary>
    public int MaximumSendLength { get; init; } = 256 << 10;

    /// <summary>
    /// ARTIM: how long an association request may take to come after the connection, and the connection to close after its end (PS3.8
    /// section 9.1.5).
    /// </summary>
    public TimeSpan ArtimTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to connect, TLS included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer to an association or release request may take.</summary>
    public TimeSpan AssociationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an association may stay without any operation.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a peer may stay silent within a message.</summary>
    public TimeSpan ReceiveTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a peer may take nothing of what is sent.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a peer is observed before it counts as slow.</summary>
    public TimeSpan RateWindow { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Bytes a second below which a peer counts as slow within a message; its association may give way to a new one.</summary>
    public long MinRate { get; init; } = 4 << 10;

    /// <summary>How long a response to a request may take (DIMSE timeout).</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Operations that a peer may have open at once; offered in the asynchronous operations window where the peer asks for one.
    /// </summary>
    public int MaxOperationsPerformed { get; init; } = 16;

    /// <summary>Bytes of an identifier or event information that are read into memory.</summary>
    public int MaxIdentifierLength { get; init; } = 4 << 20;
}
