using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ImagingIngestion.Dimse.Server;

/// <summary>TLS 1.2 or 1.3 of a server (PS3.15 section B.9, BCP 195).</summary>
public sealed record DimseTlsServerOptions
{
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>Certificates between <see cref="Certificate"/> and its authority, shown with it.</summary>
    public X509Certificate2Collection Intermediates { get; init; } = [];

    /// <summary>TLS 1.2, TLS 1.3 or both.</summary>
    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    public DimseClientCertificates ClientCertificates { get; init; }

    /// <summary>Who may sign client certificates; null trusts the machine's authorities.</summary>
    public X509Certificate2Collection? TrustedAuthorities { get; init; }
}

/// <summary>Whether clients show a certificate.</summary>
public enum DimseClientCertificates
{
    /// <summary>They are not asked.</summary>
    None,

    /// <summary>One that is shown must be valid.</summary>
    Optional,

    /// <summary>A valid one must be shown.</summary>
    Required,
}
