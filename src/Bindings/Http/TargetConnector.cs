using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ImagingIngestion.Bindings.Http;

/// <summary>
/// Opens the connections to a target, with TLS 1.2 or later where its URL asks for it. Certificates are looked at for each connection, so
/// that rotated ones take effect, and so that a refusal can say why.
/// </summary>
internal sealed class TargetConnector(TargetCertificate target, ClientCertificate? own)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        NetworkStream stream = new(socket, ownsSocket: true);
        return context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttps
            ? await SecureAsync(stream, context.DnsEndPoint.Host, cancellationToken)
            : stream;
    }

    private async Task<SslStream> SecureAsync(NetworkStream stream, string host, CancellationToken cancellationToken)
    {
        string? refusal = null;
        SslStream secure = new(stream, leaveInnerStreamOpen: false);
        try
        {
            X509Certificate2Collection? authorities = await target.ReadAuthoritiesAsync(cancellationToken);
            SslClientAuthenticationOptions options = new()
            {
                TargetHost = host,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                ClientCertificateContext = own is null ? null : await own.CurrentAsync(cancellationToken),
                RemoteCertificateValidationCallback = (
                    _, certificate, chain, errors) => (refusal = target.Refuse(host, certificate, chain, errors, authorities)) is null,
            };
            await secure.AuthenticateAsClientAsync(options, cancellationToken);
            return secure;
        }
        catch (AuthenticationException exception) when (refusal is not null)
        {
            await secure.DisposeAsync();
            throw new TargetException(refusal, exception);
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }
}
