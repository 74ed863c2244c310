using ImagingIngestion.Gateways.Admission;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Ingest;
using ImagingIngestion.Settings;
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

/// <summary>Sets Kestrel up for bodies of any size and senders of any speed; the gateways have their own deadlines and limits.</summary>
public static class ServerSetup
{
    private const int MaxRequestLine = 64 * 1024;
    private const int MaxHeaders = 128 * 1024;
    private const int MaxConnections = 4096;

    /// <summary>Listens where the settings say.</summary>
    public static void AddServer(this WebApplicationBuilder builder, ProcessSettings settings)
    {
        ServerOptions server = settings.Get<ServerOptions>();
        builder.WebHost.UseUrls([.. server.Urls]);
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
        builder.Services.AddSingleton<IConnectionListenerFactory>(provider =>
        {
            IngestOptions ingest = provider.GetRequiredService<IOptions<IngestOptions>>().Value;
            return new BoundedListenerFactory(
                new SocketTransportFactory(
                    provider.GetRequiredService<IOptions<SocketTransportOptions>>(), provider.GetRequiredService<ILoggerFactory>()),
                () => Math.Min(MaxConnections, provider.GetRequiredService<OpenFileShares>().Http),
                new PlaceRules(ingest.RateWindow, ingest.MinRate),
                TimeProvider.System);
        });
        builder.Services.AddSingleton<IStartupFilter, BusyConnectionFilter>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = server.DrainTime);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

        // The answers of /healthz show degraded checks, which the framework would otherwise log every few seconds.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Error);

        // A start that fails ends the process with its own line; the host would print a stack trace before it.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
    }
}

/// <summary>Marks the connections that serve a request, which the listener does not close.</summary>
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
