using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>An application entity that associations are requested from.</summary>
public sealed record DimsePeer
{
    public required AeTitle AeTitle { get; init; }

    /// <summary>A name or an IPv4 or IPv6 address.</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>Null for a connection without TLS.</summary>
    public DimseTlsClientOptions? Tls { get; init; }
}
