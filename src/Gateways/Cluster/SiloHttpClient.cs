using ImagingIngestion.Grains.Cluster;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>
/// The HTTP client of calls to silos: HTTP/2 only, several connections where one has too many calls, dead ones noticed by pings.
/// </summary>
internal static class SiloHttpClient
{
    private static readonly TimeSpan ShortestPing = TimeSpan.FromSeconds(1);

    public static HttpClient Create(ClusterOptions options)
    {
        SocketsHttpHandler handler = new()
        {
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = options.Calls.ConnectTimeout,
            KeepAlivePingDelay = AtLeast(options.Heartbeat, ShortestPing),
            KeepAlivePingTimeout = AtLeast(options.DeadAfter / 2, ShortestPing),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(30),
            MaxResponseHeadersLength = 16,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        };

        // Each attempt has a deadline of its own.
        return new HttpClient(
            handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = GrainCallLimits.MaxAnswerBytes };
    }

    private static TimeSpan AtLeast(TimeSpan wanted, TimeSpan least) => wanted < least ? least : wanted;
}
