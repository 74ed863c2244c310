using System.Net;
using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Hosting.Stores;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Silo.Cluster;

/// <summary>Listens for grain calls on a port of their own, HTTP/2 only.</summary>
internal sealed class CallServer(CallReception reception, ClusterOptions options, IServiceProvider services, ILoggerFactory loggers)
    : IDisposable
{
    private const int MaxConnections = 1024;
    private const int StreamsPerConnection = 256;
    private const int StreamWindow = 1 << 20;
    private const int ConnectionWindow = 8 << 20;

    private static readonly TimeSpan ShortestPing = TimeSpan.FromSeconds(1);

    private KestrelServer? _server;

    /// <summary>Listens; answers the address that others are to use.</summary>
    /// <exception cref="IOException">The address is taken.</exception>
    public async Task<string> StartAsync(CancellationToken cancellationToken)
    {
        KestrelServerOptions kestrel = new() { ApplicationServices = services, AddServerHeader = false };
        kestrel.Limits.MaxRequestBodySize = GrainCallLimits.MaxCallBytes;
        kestrel.Limits.MaxConcurrentConnections = Math.Min(
            MaxConnections, (services.GetService<OpenFileShares>() ?? OpenFileShares.Unlimited).Calls);
        kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
        kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindow;
        kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindow;
        kestrel.Limits.Http2.KeepAlivePingDelay = options.DeadAfter > ShortestPing ? options.DeadAfter : ShortestPing;
        Uri listen = new(options.Listen);
        kestrel.Listen(EndPointOf(listen), endpoint => endpoint.Protocols = HttpProtocols.Http2);

        SocketTransportFactory sockets = new(Microsoft.Extensions.Options.Options.Create(new SocketTransportOptions()), loggers);
        _server = new KestrelServer(new OptionsWrapper<KestrelServerOptions>(kestrel), sockets, loggers);
        await _server.StartAsync(new CallApplication(reception), cancellationToken);
        Uri bound = new(_server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return options.AdvertisedAddress ?? $"http://{AdvertisedHost(listen)}:{bound.Port}";
    }

    /// <summary>Takes no more connections, and closes those that are there after their calls.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public void Dispose() => _server?.Dispose();

    private static IPEndPoint EndPointOf(Uri listen) => listen.Host switch
    {
        "localhost" => new IPEndPoint(IPAddress.Loopback, listen.Port),
        _ when IPAddress.TryParse(listen.Host.Trim('[', ']'), out IPAddress? address) => new IPEndPoint(address, listen.Port),
        _ => new IPEndPoint(IPAddress.Any, listen.Port),
    };

    /// <summary>The host that others reach: this machine's name where it listens on every address.</summary>
    private static string AdvertisedHost(Uri listen)
        => IPAddress.TryParse(listen.Host.Trim('[', ']'), out IPAddress? address)
            && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            ? Dns.GetHostName()
            : listen.Host;
}
