using System.Net.Sockets;
using ImagingIngestion.Dimse.Transport;

namespace ImagingIngestion.Dimse.Server;

/// <summary>One connection of a server: TLS first, where it is asked for, then the association.</summary>
internal sealed partial class ServerConnection(Socket socket, DimseServerOptions options, AcceptorContext context)
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AssociationAcceptor? _acceptor;

    /// <summary>Serves it until it is closed.</summary>
    /// <param name="cancellationToken">Ends the TLS handshake; an association ends by <see cref="StopAsync"/>.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Yield();
            AssociationTransport transport = await TcpTransport.AcceptAsync(socket, options.Tls, options.Association.ConnectTimeout, context.Time, cancellationToken).ConfigureAwait(false);
            AssociationAcceptor acceptor = new(transport, context);
            Volatile.Write(ref _acceptor, acceptor);
            if (cancellationToken.IsCancellationRequested)
            {
                transport.Close();
            }

            await acceptor.RunAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            LogNoConnection(context.Logger, exception.Message);
        }
        finally
        {
            _finished.TrySetResult();
        }
    }

    /// <summary>Ends it in order, and waits until it is closed.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _acceptor) is { } acceptor)
        {
            await acceptor.StopAsync(cancellationToken).ConfigureAwait(false);
        }

        await _finished.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes it at once.</summary>
    public void Break()
    {
        if (Volatile.Read(ref _acceptor) is { } acceptor)
        {
            acceptor.Break();
        }
        else
        {
            socket.Dispose();
        }
    }
}
