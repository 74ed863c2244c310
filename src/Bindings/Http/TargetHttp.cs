using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings;

/// <summary>Makes the HTTP client of a target: its connections, certificates and authorisation.</summary>
public static class TargetHttp
{
    /// <summary>A client with pooled connections; it has no timeout over a whole request, which may be gigabytes long.</summary>
    public static HttpClient CreateClient(HttpTargetOptions options, TimeProvider time, ILogger logger)
    {
        SocketsHttpHandler handler = new() { ConnectTimeout = options.ConnectTimeout, PooledConnectionLifetime = TimeSpan.FromMinutes(10), AllowAutoRedirect = false, UseCookies = false };
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
