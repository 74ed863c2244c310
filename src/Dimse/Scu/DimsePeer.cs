using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
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

/// <summary>TLS 1.2 or 1.3 towards a peer (PS3.15 section B.9, BCP 195).</summary>
public sealed record DimseTlsClientOptions
{
    /// <summary>Shown when the peer asks; null shows none.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Certificates between <see cref="Certificate"/> and its authority, shown with it.</summary>
    public X509Certificate2Collection Intermediates { get; init; } = [];

    /// <summary>TLS 1.2, TLS 1.3 or both.</summary>
    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>The trusted authorities; null trusts the machine's.</summary>
    public X509Certificate2Collection? TrustedAuthorities { get; init; }

    /// <summary>Takes any certificate of the peer.</summary>
    public bool SkipsVerification { get; init; }
}
