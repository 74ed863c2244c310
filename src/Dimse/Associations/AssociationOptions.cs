namespace ImagingIngestion.Dimse.Associations;

/// <summary>Limits and times of one association; each time-out ends in an A-ABORT, or in closing the connection.</summary>
public sealed record AssociationOptions
{
    /// <summary>The longest P-DATA-TF that is accepted, without its header (PS3.8 section D.1).</summary>
    public int MaximumLength { get; init; } = 256 << 10;

    /// <summary>The longest P-DATA-TF that is sent even if the peer accepts longer ones.</summary>
    public int MaximumSendLength { get; init; } = 256 << 10;

    /// <summary>
    /// ARTIM: the time for an association request after the connection, and for closing the connection after the association (PS3.8 9.1.5).
    /// </summary>
    public TimeSpan ArtimTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time for connecting, including TLS.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The time for an answer to an association or release request.</summary>
    public TimeSpan AssociationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The time that an association may stay without any operation.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The time that a peer may stay silent within a message.</summary>
    public TimeSpan ReceiveTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The time that a peer may accept none of the bytes sent.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The time that a peer is observed before it counts as slow.</summary>
    public TimeSpan RateWindow { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Bytes a second below which a peer counts as slow within a message; its association may give way to a new one.</summary>
    public long MinRate { get; init; } = 4 << 10;

    /// <summary>The time for a response to a request (DIMSE timeout).</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Operations that a peer may have open at once; offered in the asynchronous operations window if the peer asks for one.
    /// </summary>
    public int MaxOperationsPerformed { get; init; } = 16;

    /// <summary>Bytes of an identifier or event information that are read into memory.</summary>
    public int MaxIdentifierLength { get; init; } = 4 << 20;
}
