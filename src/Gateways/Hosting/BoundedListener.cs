using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ImagingIngestion.Gateways;

/// <summary>Listens for HTTP with a bounded number of connections. When all are taken it accepts one more, asks the one that is idle longest to close, and accepts nothing else until it has.</summary>
/// <param name="inner">The sockets.</param>
/// <param name="places">How many connections there may be; read when the first one comes.</param>
/// <param name="time">The clock.</param>
internal sealed class BoundedListenerFactory(IConnectionListenerFactory inner, Func<int> places, TimeProvider time) : IConnectionListenerFactory
{
    private readonly BoundedConnections _connections = new(places, time);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        => new BoundedListener(await inner.BindAsync(endpoint, cancellationToken), _connections);

    private sealed class BoundedListener(IConnectionListener inner, BoundedConnections connections) : IConnectionListener
    {
        private readonly CancellationTokenSource _unbound = new();

        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            if (await inner.AcceptAsync(cancellationToken) is not { } connection)
            {
                return null;
            }

            try
            {
                return await connections.AddAsync(connection, _unbound.Token);
            }
            catch (OperationCanceledException)
            {
                await connection.DisposeAsync();
                return null;
            }
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await _unbound.CancelAsync();
            await inner.UnbindAsync(cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

/// <summary>The connections of all listeners.</summary>
internal sealed class BoundedConnections(Func<int> places, TimeProvider time)
{
    private static readonly TimeSpan BetweenVictims = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly HashSet<BoundedConnection> _open = [];
    private TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until the connection has a place, taking that of an idle one where none is free.</summary>
    public async ValueTask<ConnectionContext> AddAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        BoundedConnection added = new(connection, this, time);
        while (!TryAdd(added, out Task left))
        {
            LongestIdle()?.Close();
            try
            {
                await left.WaitAsync(BetweenVictims, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // It did not close, or none was idle: another look.
            }
        }

        return added;
    }

    public void Remove(BoundedConnection connection)
    {
        TaskCompletionSource left;
        lock (_gate)
        {
            _open.Remove(connection);
            left = _left;
            _left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        left.TrySetResult();
    }

    private bool TryAdd(BoundedConnection connection, out Task left)
    {
        lock (_gate)
        {
            left = _left.Task;
            return _open.Count < places() && _open.Add(connection);
        }
    }

    private BoundedConnection? LongestIdle()
    {
        lock (_gate)
        {
            return _open.Where(connection => connection.IdleSince is not null).MinBy(connection => connection.IdleSince);
        }
    }
}

/// <summary>A connection with a place, which it gives back when it is closed.</summary>
internal sealed class BoundedConnection : ConnectionContext
{
    private static readonly object Key = new();

    private readonly ConnectionContext _inner;
    private readonly BoundedConnections _owner;
    private readonly TimeProvider _time;
    private long _idleSince;
    private bool _isAskedToClose;

    public BoundedConnection(ConnectionContext inner, BoundedConnections owner, TimeProvider time)
    {
        _inner = inner;
        _owner = owner;
        _time = time;
        _idleSince = time.GetTimestamp();
        inner.Items[Key] = this;
    }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override Microsoft.AspNetCore.Http.Features.IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override System.IO.Pipelines.IDuplexPipe Transport
    {
        get => _inner.Transport;
        set => _inner.Transport = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    /// <summary>Null while a request is served.</summary>
    public long? IdleSince => Interlocked.Read(ref _idleSince) is var since and not 0 ? since : null;

    /// <summary>The connection of a request; null where nothing bounds them.</summary>
    public static BoundedConnection? Of(Microsoft.AspNetCore.Http.HttpContext context)
        => context.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(Key, out object? found) == true ? found as BoundedConnection : null;

    /// <summary>A request is served from now on.</summary>
    public void BeginWork() => Interlocked.Exchange(ref _idleSince, 0);

    /// <summary>Nothing is asked, or the peer has not sent what it announced.</summary>
    public void EndWork() => Interlocked.Exchange(ref _idleSince, _time.GetTimestamp());

    /// <summary>Asks the server to end it between two requests; when that did not help, breaks it off.</summary>
    public void Close()
    {
        if (!_isAskedToClose && Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            _isAskedToClose = true;
            lifetime.RequestClose();
            return;
        }

        Abort(new ConnectionAbortedException("It was idle, and another connection took its place."));
    }

    public override void Abort(ConnectionAbortedException abortReason) => _inner.Abort(abortReason);

    public override void Abort() => _inner.Abort();

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _inner.DisposeAsync();
        }
        finally
        {
            _owner.Remove(this);
        }
    }
}
