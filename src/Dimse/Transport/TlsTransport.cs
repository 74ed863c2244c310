using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Dimse.Server;

namespace ImagingIngestion.Dimse.Transport;

/// <summary>TLS 1.2 and 1.3 as BCP 195 asks for (PS3.15 section B.9): forward secrecy and authenticated encryption only.</summary>
internal static class TlsTransport
{
    private static readonly TlsCipherSuite[] Suites =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    ];

    /// <summary>The server's side of the handshake.</summary>
    public static Task<Stream> AcceptAsync(Stream inner, DimseTlsServerOptions options, CancellationToken cancellationToken)
    {
        SslServerAuthenticationOptions tls = new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(options.Certificate, options.Intermediates, offline: true),
            EnabledSslProtocols = options.Protocols,
            CipherSuitesPolicy = OperatingSystem.IsLinux() ? new CipherSuitesPolicy(Suites) : null,
            ClientCertificateRequired = options.ClientCertificates != DimseClientCertificates.None,
            CertificateChainPolicy = Trust(options.TrustedAuthorities),
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => options.ClientCertificates switch
            {
                DimseClientCertificates.None => true,
                DimseClientCertificates.Optional when certificate is null => true,
                _ => certificate is not null && errors == SslPolicyErrors.None,
            },
        };
        return ShakeHandsAsync(new SslStream(inner), stream => stream.AuthenticateAsServerAsync(tls, cancellationToken), cancellationToken);
    }

    /// <summary>The client's side of the handshake.</summary>
    public static async Task<Stream> ConnectAsync(Stream inner, string host, DimseTlsClientOptions options, CancellationToken cancellationToken)
    {
        string? refusal = null;
        SslClientAuthenticationOptions tls = new()
        {
            TargetHost = host,
            EnabledSslProtocols = options.Protocols,
            CipherSuitesPolicy = OperatingSystem.IsLinux() ? new CipherSuitesPolicy(Suites) : null,
            ClientCertificateContext = options.Certificate is { } certificate ? SslStreamCertificateContext.Create(certificate, options.Intermediates, offline: true) : null,
            CertificateChainPolicy = Trust(options.TrustedAuthorities),
            RemoteCertificateValidationCallback = (_, _, chain, errors) => (refusal = options.SkipsVerification ? null : Refuse(chain, errors)) is null,
        };
        try
        {
            return await ShakeHandsAsync(new SslStream(inner), stream => stream.AuthenticateAsClientAsync(tls, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (AuthenticationException exception) when (refusal is not null)
        {
            throw new AuthenticationException(refusal, exception);
        }
    }

    /// <summary>Null when the peer's certificate is trusted, else the reason for an operator.</summary>
    private static string? Refuse(X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return null;
        }

        IEnumerable<string> faults = (chain?.ChainStatus ?? []).Select(status => status.Status.ToString()).Distinct();
        return $"its certificate is not trusted ({string.Join(", ", [errors.ToString(), .. faults])}).";
    }

    private static async Task<Stream> ShakeHandsAsync(SslStream stream, Func<SslStream, Task> handshake, CancellationToken cancellationToken)
    {
        try
        {
            await handshake(stream).WaitAsync(cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Null trusts the machine's authorities.</summary>
    private static X509ChainPolicy? Trust(X509Certificate2Collection? authorities)
    {
        if (authorities is null)
        {
            return null;
        }

        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
