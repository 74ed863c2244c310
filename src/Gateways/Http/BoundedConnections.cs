using System.Net;
using ImagingIngestion.Gateways.Admission;
using Microsoft.AspNetCore.Connections;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Listens for HTTP with a bounded number of connections.</summary>
/// <remarks>
/// When all places are taken it accepts one more connection, and nothing else until another one has left. The connection that is idle
/// longest is asked to close. If all are at work, the one with the slowest peer is aborted, provided that it is below the least rate.
/// </remarks>
/// <param name="inner">The sockets.</param>
/// <param name="places">How many connections there may be; read when the first one comes.</param>
/// <param name="rules">The lowest rate at which the listener still waits for a peer.</param>
/// <param name="time">The clock.</param>
internal sealed class BoundedListenerFactory(IConnectionListenerFactory inner, Func<int> places, PlaceRules rules, TimeProvider time)
    : IConnectionListenerFactory
{
    private readonly BoundedConnections _connections = new(places, rules, time);

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
internal sealed class BoundedConnections(Func<int> places, PlaceRules rules, TimeProvider time)
{
    private static readonly TimeSpan BetweenVictims = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly HashSet<BoundedConnection> _open = [];
    private TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until the connection has a place.</summary>
    /// <remarks>If none is free, an idle connection loses its place, else the slowest one below the least rate.</remarks>
    public async ValueTask<ConnectionContext> AddAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        BoundedConnection added = new(connection, this, rules, time);
        while (!TryAdd(added, out Task left))
        {
            MakeRoom();
            try
            {
                await left.WaitAsync(BetweenVictims, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // The connection did not close, or all are at work: the listener looks again.
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

    private void MakeRoom()
    {
        BoundedConnection[] open;
        lock (_gate)
        {
            open = [.. _open];
        }

        if (open.Where(connection => connection.IdleSince is not null).MinBy(connection => connection.IdleSince) is { } idle)
        {
            idle.Close();
        }
        else
        {
            open.Where(connection => connection.Pace.IsSlow).MinBy(connection => connection.Pace.Rate)?.BreakOff();
        }
    }
}
