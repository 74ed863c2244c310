using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>TLS 1.2 or 1.3 towards a peer (PS3.15 section B.9, BCP 195).</summary>
public sealed record DimseTlsClientOptions
{
    /// <summary>Shown when the peer asks; null shows none.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Certificates between <see cref="Certificate"/> and its authority, shown with it.</summary>
    public X509Certificate2Collection Intermediates { get; init; } = [];

    /// <summary>TLS 1.2, TLS 1.3 or both.</summary>
    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Whom to trust; null trusts the machine's authorities.</summary>
    public X509Certificate2Collection? TrustedAuthorities { get; init; }

    /// <summary>Takes any certificate of the peer.</summary>
    public bool SkipsVerification { get; init; }
}
