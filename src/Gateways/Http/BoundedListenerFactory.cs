using System.Net;
using ImagingIngestion.Gateways.Admission;
using Microsoft.AspNetCore.Connections;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Listens for HTTP with a bounded number of connections.</summary>
/// <remarks>
/// When all are taken it accepts one more, and nothing else until another one has left: the one that is idle longest is asked to close; where all are at work,
/// the one whose peer is slowest is broken off, if it is below the least rate.
/// </remarks>
/// <param name="inner">The sockets.</param>
/// <param name="places">How many connections there may be; read when the first one comes.</param>
/// <param name="rules">The least rate of a peer that is waited for.</param>
/// <param name="time">The clock.</param>
internal sealed class BoundedListenerFactory(IConnectionListenerFactory inner, Func<int> places, PlaceRules rules, TimeProvider time) : IConnectionListenerFactory
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
