using System.Net;
using ImagingIngestion.Gateways.Admission;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Http;

/// <summary>
/// Sets Kestrel up for bodies of any size and senders of any speed; the gateways put their own deadlines and limits on them.
/// </summary>
public static class ServerSetup
{
    private const int MaxRequestLine = 64 * 1024;
    private const int MaxHeaders = 128 * 1024;
    private const int MaxConnections = 4096;

    public static void AddServer(this WebApplicationBuilder builder, ServerOptions options, IngestOptions ingest)
    {
        builder.WebHost.UseUrls([.. options.Urls]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;

            // Searches by a list of UIDs make long request lines.
            kestrel.Limits.MaxRequestLineSize = MaxRequestLine;
            kestrel.Limits.MaxRequestBufferSize = 1024 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaders;

            // On one port without TLS Kestrel cannot tell HTTP/2 from HTTP/1.1; clients that could speak both take the latter.
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton<IConnectionListenerFactory>(provider => new BoundedListenerFactory(
            new SocketTransportFactory(
                provider.GetRequiredService<IOptions<SocketTransportOptions>>(), provider.GetRequiredService<ILoggerFactory>()),
            () => Math.Min(MaxConnections, provider.GetRequiredService<OpenFileShares>().Http),
            new PlaceRules(ingest.RateWindow, ingest.MinRate),
            TimeProvider.System));
        builder.Services.AddSingleton<IStartupFilter, BusyConnectionFilter>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTime);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

        // A start that fails ends the process with a line of its own; the host would put a stack trace before it.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
    }
}

/// <summary>Tells the listener which connections serve a request, in front of everything else.</summary>
internal sealed class BusyConnectionFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, following) =>
        {
            BoundedConnection? connection = BoundedConnection.Of(context);
            connection?.BeginWork();
            try
            {
                await following(context);
            }
            finally
            {
                connection?.EndWork();
            }
        });
        next(app);
    };
}

/// <summary>Listens for HTTP with a bounded number of connections.</summary>
/// <remarks>
/// When all are taken it accepts one more, and nothing else until another one has left: the one that is idle longest is asked to close;
/// where all are at work, the one whose peer is slowest is broken off, if it is below the least rate.
/// </remarks>
/// <param name="inner">The sockets.</param>
/// <param name="places">How many connections there may be; read when the first one comes.</param>
/// <param name="rules">The least rate of a peer that is waited for.</param>
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
