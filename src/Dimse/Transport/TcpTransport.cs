using System.Net.Sockets;
using System.Security.Authentication;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Dimse.Server;

namespace ImagingIngestion.Dimse.Transport;

/// <summary>Connects to peers, and takes their connections, with TLS where asked for.</summary>
internal static class TcpTransport
{
    /// <summary>Connects within the time, TLS included.</summary>
    /// <exception cref="AssociationException">It cannot be reached.</exception>
    public static async Task<AssociationTransport> ConnectAsync(DimsePeer peer, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(peer.Host, peer.Port, either.Token).ConfigureAwait(false);
            Stream stream = new SocketStream(socket);
            if (peer.Tls is { } tls)
            {
                stream = await TlsTransport.ConnectAsync(stream, peer.Host, tls, either.Token).ConfigureAwait(false);
            }

            return StreamTransport.Create(stream, socket.RemoteEndPoint);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            throw exception switch
            {
                OperationCanceledException when cancellationToken.IsCancellationRequested => new OperationCanceledException(cancellationToken),
                OperationCanceledException => new AssociationException(AssociationFault.TimedOut, $"{peer.AeTitle} at {peer.Host}:{peer.Port} took longer than {timeout} to connect.", exception),
                SocketException error => new AssociationException(AssociationFault.NotConnected, $"Cannot connect to {peer.AeTitle} at {peer.Host}:{peer.Port}: {error.SocketErrorCode}.", exception),
                AuthenticationException or IOException => new AssociationException(AssociationFault.NotConnected, $"No TLS connection to {peer.AeTitle} at {peer.Host}:{peer.Port}: {exception.Message}", exception),
                _ => exception,
            };
        }
    }

    /// <summary>Makes a transport of an accepted socket.</summary>
    /// <exception cref="IOException">The connection is gone, or TLS failed.</exception>
    public static async Task<AssociationTransport> AcceptAsync(Socket socket, DimseTlsServerOptions? tls, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            Stream stream = new SocketStream(socket);
            if (tls is not null)
            {
                using CancellationTokenSource late = new(timeout, time);
                using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
                stream = await TlsTransport.AcceptAsync(stream, tls, either.Token).ConfigureAwait(false);
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
