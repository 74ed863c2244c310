using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>Starts a small version of <c>deploy/local-cluster</c> on PostgreSQL and an S3 bucket.</summary>
/// <remarks>
/// It has two silos, a gateway for STOW-RS and WADO-RS, one for DIMSE and one with the bindings. The same data folder leads to the same
/// database and bucket.
/// </remarks>
internal static class ServerCluster
{
    private const int Silos = 2;

    private static readonly Regex Ready = new("^Ready\\.", RegexOptions.CultureInvariant | RegexOptions.Multiline);
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);
    private static readonly ConcurrentDictionary<string, Lazy<Task<ClusterStores>>> Stores = new(StringComparer.Ordinal);

    /// <summary>The tests run against a cluster instead of one process.</summary>
    public static bool IsWanted { get; } = Environment.GetEnvironmentVariable("IMAGING_TEST_CLUSTER") == "1";

    /// <inheritdoc cref="Server.StartAsync"/>
    public static async Task<Server> StartAsync(string data, string[] wrapper, string[] arguments)
    {
        ClusterStores stores = await Stores.GetOrAdd(data, _ => new Lazy<Task<ClusterStores>>(CreateStoresAsync)).Value;
        Dictionary<string, string> settings = new(stores.Settings)
        {
            ["CLUSTER_KEY"] = "the key of a cluster that lives for one test",
            ["IMAGING__CLUSTER__LISTEN"] = "http://127.0.0.1:0",
            ["IMAGING__CLUSTER__HEARTBEAT"] = "0.5s",
            ["IMAGING__CLUSTER__DEADAFTER"] = "3s",
        };
        ProcessOutput all = new();
        List<ServerProcess> started = [];
        try
        {
            ServerProcess Start(string executable, string roles, params string[] more)
            {
                started.Add(ServerProcess.Start(executable, wrapper, ["--roles", roles, .. Server.HttpArguments(more)], settings, all));
                return started[^1];
            }

            ServerProcess web = Start("Gateways", "stow,wado", arguments);
            ServerProcess dimse = Start("Gateways", "dimse", "--dimse-port", "0");
            ServerProcess[] silos = [.. Enumerable.Range(0, Silos).Select(_ => Start("Silo", "silo"))];
            Uri root = new($"http://127.0.0.1:{await Server.HttpPortAsync(web)}/");
            settings["WADO_INTERNAL_ENDPOINT"] = new Uri(root, "wado-rs").ToString();
            ServerProcess binding = Start("Gateways", "binding");
            foreach (ServerProcess process in started)
            {
                await process.Output.WaitForAsync(Ready, StartTime);
            }

            Uri bindings = new($"http://127.0.0.1:{await Server.HttpPortAsync(binding)}/");
            return new Server(
                [web, dimse, binding, .. silos], all, stores, root, await Server.DimsePortAsync(dimse), new BindingRoute(bindings));
        }
        catch
        {
            await Task.WhenAll(started.Select(process => process.DisposeAsync().AsTask()));
            throw;
        }
    }

    private static async Task<ClusterStores> CreateStoresAsync()
        => await ClusterStores.CreateAsync(await PostgresServer.SharedAsync(), await RgwServer.SharedAsync());

    /// <summary>Sends the requests about bindings to the process that has them.</summary>
    private sealed class BindingRoute(Uri bindings) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath.StartsWith("/bindings", StringComparison.Ordinal))
            {
                request.RequestUri = new Uri(bindings, request.RequestUri.PathAndQuery);
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
