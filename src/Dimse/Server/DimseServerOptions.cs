using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Dimse.Server;

/// <summary>The address and limits of a server.</summary>
public sealed record DimseServerOptions
{
    /// <summary>IPv6Any accepts IPv4, too.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 chooses a free port.</summary>
    public int Port { get; init; } = 11112;

    public AssociationOptions Association { get; init; } = new();

    /// <summary>Associations at once.</summary>
    /// <remarks>A further one replaces one that is idle, or is rejected as transient (PS3.8 table 9-21: local limit exceeded).</remarks>
    public int MaxAssociations { get; init; } = 100;

    /// <summary>Associations at once of one calling AE title; 0 for no separate limit.</summary>
    public int MaxAssociationsPerAe { get; init; }

    /// <summary>The time without an operation during which an association is not replaced by a new one.</summary>
    public TimeSpan IdleGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Connections at once, including those without an association; a further one is closed.</summary>
    public int MaxConnections { get; init; } = 1000;

    /// <summary>Null listens without TLS.</summary>
    public DimseTlsServerOptions? Tls { get; init; }
}

/// <summary>TLS 1.2 or 1.3 of a server (PS3.15 section B.9, BCP 195).</summary>
public sealed record DimseTlsServerOptions
{
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>Certificates between <see cref="Certificate"/> and its authority, shown with it.</summary>
    public X509Certificate2Collection Intermediates { get; init; } = [];

    /// <summary>TLS 1.2, TLS 1.3 or both.</summary>
    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    public DimseClientCertificates ClientCertificates { get; init; }

    /// <summary>The authorities for client certificates; null trusts the machine's.</summary>
    public X509Certificate2Collection? TrustedAuthorities { get; init; }
}

/// <summary>Whether clients show a certificate.</summary>
public enum DimseClientCertificates
{
    /// <summary>Clients are not asked for one.</summary>
    None,

    /// <summary>One that is shown must be valid.</summary>
    Optional,

    /// <summary>A valid one must be shown.</summary>
    Required,
}
