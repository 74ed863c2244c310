using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Dimse.Server;

namespace ImagingIngestion.Dimse.Transport;

/// <summary>Connects to peers, and accepts their connections, with TLS if configured.</summary>
internal static class TcpTransport
{
    /// <summary>Connects within the time, including TLS.</summary>
    /// <exception cref="AssociationException">It cannot be reached.</exception>
    public static async Task<AssociationTransport> ConnectAsync(
        DimsePeer peer, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using TimeLimit limit = new(timeout, time, cancellationToken);
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(peer.Host, peer.Port, limit.Token).ConfigureAwait(false);
            Stream stream = new SocketStream(socket);
            if (peer.Tls is { } tls)
            {
                stream = await TlsTransport.ConnectAsync(stream, peer.Host, tls, limit.Token).ConfigureAwait(false);
            }

            return StreamTransport.Create(stream, socket.RemoteEndPoint);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            throw exception switch
            {
                OperationCanceledException when cancellationToken.IsCancellationRequested =>
                    new OperationCanceledException(cancellationToken),
                OperationCanceledException => new AssociationException(
                    AssociationFault.TimedOut,
                    $"{peer.AeTitle} at {peer.Host}:{peer.Port} took longer than {timeout} to connect.",
                    exception),
                SocketException error => new AssociationException(
                    AssociationFault.NotConnected,
                    $"Cannot connect to {peer.AeTitle} at {peer.Host}:{peer.Port}: {error.SocketErrorCode}.",
                    exception),
                AuthenticationException or IOException => new AssociationException(
                    AssociationFault.NotConnected,
                    $"No TLS connection to {peer.AeTitle} at {peer.Host}:{peer.Port}: {exception.Message}",
                    exception),
                _ => exception,
            };
        }
    }

    /// <summary>Makes a transport from an accepted socket.</summary>
    /// <exception cref="IOException">The connection is gone, or TLS failed.</exception>
    public static async Task<AssociationTransport> AcceptAsync(
        Socket socket, DimseTlsServerOptions? tls, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            Stream stream = new SocketStream(socket);
            if (tls is not null)
            {
                using TimeLimit limit = new(timeout, time, cancellationToken);
                stream = await TlsTransport.AcceptAsync(stream, tls, limit.Token).ConfigureAwait(false);
            }

            return StreamTransport.Create(stream, socket.RemoteEndPoint);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            throw exception is SocketException or AuthenticationException or OperationCanceledException or ObjectDisposedException
                ? new IOException(exception.Message, exception)
                : exception;
        }
    }
}

/// <summary>
/// Makes the pipe of an association from a stream; buffers are taken only when bytes arrive, so that silent connections cost little.
/// </summary>
internal static class StreamTransport
{
    /// <summary>Few reads for a PDU of the usual length, and a bounded share of memory for each association.</summary>
    private const int ReceiveBufferSize = 128 << 10;

    private const int SendBufferSize = 16 << 10;

    private static readonly StreamPipeReaderOptions ReaderOptions = new(
        bufferSize: ReceiveBufferSize, minimumReadSize: 8 << 10, leaveOpen: true, useZeroByteReads: true);
    private static readonly StreamPipeWriterOptions WriterOptions = new(minimumBufferSize: SendBufferSize, leaveOpen: true);

    public static AssociationTransport Create(Stream stream, EndPoint? remote)
        => new(new StreamPipe(PipeReader.Create(stream, ReaderOptions), PipeWriter.Create(stream, WriterOptions)), stream.Dispose)
        {
            RemoteEndPoint = remote,
            PeerCertificate = (stream as SslStream)?.RemoteCertificate as X509Certificate2,
        };

    private sealed record StreamPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

/// <summary>TLS 1.2 and 1.3 by BCP 195 (PS3.15 section B.9): forward secrecy and authenticated encryption only.</summary>
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

    /// <summary>Performs the server's side of the handshake.</summary>
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

    /// <summary>Performs the client's side of the handshake.</summary>
    public static async Task<Stream> ConnectAsync(
        Stream inner, string host, DimseTlsClientOptions options, CancellationToken cancellationToken)
    {
        string? refusal = null;
        SslClientAuthenticationOptions tls = new()
        {
            TargetHost = host,
            EnabledSslProtocols = options.Protocols,
            CipherSuitesPolicy = OperatingSystem.IsLinux() ? new CipherSuitesPolicy(Suites) : null,
            ClientCertificateContext = options.Certificate is { } certificate
                ? SslStreamCertificateContext.Create(certificate, options.Intermediates, offline: true)
                : null,
            CertificateChainPolicy = Trust(options.TrustedAuthorities),
            RemoteCertificateValidationCallback = (_, _, chain, errors) =>
            {
                refusal = options.SkipsVerification ? null : Refuse(chain, errors);
                return refusal is null;
            },
        };
        try
        {
            return await ShakeHandsAsync(
                new SslStream(inner),
                stream => stream.AuthenticateAsClientAsync(tls, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (AuthenticationException exception) when (refusal is not null)
        {
            throw new AuthenticationException(refusal, exception);
        }
    }

    /// <summary>Returns null if the peer's certificate is trusted, otherwise the reason for an operator.</summary>
    private static string? Refuse(X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return null;
        }

        IEnumerable<string> faults = (chain?.ChainStatus ?? []).Select(status => status.Status.ToString()).Distinct();
        return $"its certificate is not trusted ({string.Join(", ", [errors.ToString(), .. faults])}).";
    }

    private static async Task<Stream> ShakeHandsAsync(
        SslStream stream, Func<SslStream, Task> handshake, CancellationToken cancellationToken)
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

    /// <summary>Returns a policy that trusts the authorities; null trusts the machine's.</summary>
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
