using System.Net;
using System.Net.Sockets;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Transport;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Server;

/// <summary>Listens for associations and performs the operations on them.</summary>
public sealed partial class DimseServer : IAsyncDisposable
{
    private const int Backlog = 512;
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly HashSet<ServerConnection> _connections = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly DimseServerOptions _options;
    private readonly AcceptorContext _context;
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private Task? _stopped;
    private bool _isFull;
    private string? _acceptFault;

    /// <param name="options">Address and limits.</param>
    /// <param name="policy">Decides on association requests.</param>
    /// <param name="services">Perform the operations; a request that none performs is answered 0211 or 0122.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public DimseServer(
        DimseServerOptions options,
        IAssociationPolicy policy,
        IReadOnlyList<IDimseService> services,
        TimeProvider time,
        ILogger<DimseServer> logger)
    {
        _options = options;
        _logger = logger;
        _context = new AcceptorContext(
            options.Association,
            policy,
            services,
            new AssociationLimits(options.MaxAssociations, options.MaxAssociationsPerAe, options.IdleGrace),
            time,
            logger);
    }

    /// <summary>The listening port, after the start.</summary>
    public int Port { get; private set; }

    /// <summary>Open associations.</summary>
    public int AssociationCount => _context.Limits.Count;

    /// <summary>The reason why the last connection could not be accepted; null if it was accepted.</summary>
    public string? AcceptFault
    {
        get => Volatile.Read(ref _acceptFault);
        private set => Volatile.Write(ref _acceptFault, value);
    }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The address is not available; the message says what to change.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        IPAddress address = _options.Address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6 ? IPAddress.Any : _options.Address;
        Socket listener = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
            {
                listener.DualMode = true;
            }

            listener.Bind(new IPEndPoint(address, _options.Port));
            listener.Listen(Backlog);
        }
        catch (SocketException exception)
        {
            listener.Dispose();
            throw new IOException($"Cannot listen for DIMSE on {address} port {_options.Port}: {exception.SocketErrorCode}. Choose another "
                + "address or port, or stop what uses it.", exception);
        }

        _listener = listener;
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        LogListening(address, Port);
        _accepting = AcceptAsync(listener, _stopping.Token);
        return Task.CompletedTask;
    }

    /// <summary>Accepts no more connections, waits for open operations, then aborts the remaining associations.</summary>
    /// <param name="cancellationToken">Ends the waiting: open associations are aborted.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task stopped;
        lock (_gate)
        {
            stopped = _stopped ??= StopOnceAsync(CancellationToken.None);
        }

        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state => ((DimseServer)state!).BreakAll(), this);
        await stopped.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync() => await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener?.Dispose();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(Connections().Select(connection => connection.StopAsync(cancellationToken))).ConfigureAwait(false);
        LogStopped(Port);
    }

    private void BreakAll()
    {
        foreach (ServerConnection connection in Connections())
        {
            connection.Break();
        }
    }

    private ServerConnection[] Connections()
    {
        lock (_gate)
        {
            return [.. _connections];
        }
    }

    /// <summary>Accepts connections until the server stops.</summary>
    /// <remarks>
    /// An error, such as too many open files, concerns one connection: the others continue, and so does listening. Only the first of
    /// consecutive equal errors is logged.
    /// </remarks>
    private async Task AcceptAsync(Socket listener, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                Serve(await listener.AcceptAsync(cancellationToken).ConfigureAwait(false));
                AcceptFault = null;
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                string fault = (exception as SocketException)?.SocketErrorCode.ToString() ?? exception.GetType().Name;
                if (fault != AcceptFault)
                {
                    LogAcceptFailed(fault, exception is SocketException ? null : exception);
                    AcceptFault = fault;
                }

                await Task.Delay(PauseAfterError, _context.Time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>
    /// Serves a connection, or closes it if there are too many; only the first of consecutive surplus connections is logged.
    /// </summary>
    private void Serve(Socket socket)
    {
        ServerConnection connection = new(socket, _options, _context);
        lock (_gate)
        {
            if (_connections.Count < _options.MaxConnections)
            {
                _connections.Add(connection);
                _isFull = false;
                _ = ServeAsync(connection, _stopping.Token);
                return;
            }
        }

        socket.Dispose();
        if (!_isFull)
        {
            _isFull = true;
            LogTooMany(_options.MaxConnections);
        }
    }

    private async Task ServeAsync(ServerConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogConnectionFailed(exception);
        }
        finally
        {
            lock (_gate)
            {
                _connections.Remove(connection);
            }
        }
    }

    private readonly ILogger _logger;

    [LoggerMessage(1040, LogLevel.Information, "Listening for DIMSE on {Address} port {Port}")]
    private partial void LogListening(IPAddress address, int port);

    [LoggerMessage(1041, LogLevel.Information, "Stopped listening for DIMSE on port {Port}")]
    private partial void LogStopped(int port);

    [LoggerMessage(1042, LogLevel.Warning, "A connection could not be accepted: {Error}")]
    private partial void LogAcceptFailed(string error, Exception? exception);

    [LoggerMessage(1043, LogLevel.Warning, "Closed a connection at once: {MaxConnections} are open")]
    private partial void LogTooMany(int maxConnections);

    [LoggerMessage(1044, LogLevel.Error, "Serving a connection failed")]
    private partial void LogConnectionFailed(Exception exception);
}

/// <summary>One connection of a server: TLS first, if configured, then the association.</summary>
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
            AssociationTransport transport = await TcpTransport.AcceptAsync(
                socket, options.Tls, options.Association.ConnectTimeout, context.Time, cancellationToken).ConfigureAwait(false);
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

    [LoggerMessage(1033, LogLevel.Debug, "A connection came to nothing: {Reason}")]
    private static partial void LogNoConnection(ILogger logger, string reason);
}
