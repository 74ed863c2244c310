using System.Reflection;
using System.Security.Cryptography;

namespace ImagingIngestion.Cluster.Tests.Processes;

/// <summary>
/// A cluster of real processes on this machine: three silos, two gateways for STOW-RS and WADO-RS, one for DIMSE, one with bindings. Its
/// time limits are short, so that a test passes many of them.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private const int Silos = 3;
    private const int HttpGateways = 2;

    private readonly Dictionary<string, string> _settings;
    private readonly List<ClusterProcess> _silos = [];
    private readonly List<ClusterProcess> _gateways = [];
    private readonly int[] _httpPorts = [.. Enumerable.Range(0, HttpGateways).Select(_ => FreePort.Take())];

    private TestCluster(ClusterServers servers, IReadOnlyDictionary<string, string> bindings)
    {
        Servers = servers;
        _settings = new Dictionary<string, string>(servers.Settings)
        {
            ["CLUSTER_KEY"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(32)),
            ["WADO_INTERNAL_ENDPOINT"] = $"http://127.0.0.1:{_httpPorts[0]}/wado-rs",
            ["IMAGING__CLUSTER__HEARTBEAT"] = "0.5s",
            ["IMAGING__CLUSTER__DEADAFTER"] = "3s",
            ["IMAGING__CLUSTER__ATTEMPTTIMEOUT"] = "5s",
            ["IMAGING__CLUSTER__CALLDEADLINE"] = "30s",
            ["IMAGING__GRAINS__REVISIONINGDELAY"] = "2s",
            ["IMAGING__GRAINS__MAXREVISIONINGDELAY"] = "10s",
            ["IMAGING__GRAINS__COMMITTIMEOUT"] = "8s",
            ["IMAGING__REVISIONS__LEASE"] = "5s",
            ["IMAGING__REVISIONS__POLLINTERVAL"] = "0.5s",
            ["BINDING_RETRY_FIRST_DELAY"] = "0.2s",
            ["BINDING_RETRY_ATTEMPTS"] = "1000",
        };
        for (int number = 0; number < Silos; number++)
        {
            _silos.Add(MakeSilo(number));
        }

        foreach (int port in _httpPorts)
        {
            _gateways.Add(MakeGateway($"stow-{_gateways.Count}", ["--roles", "stow,wado", "--urls", $"http://127.0.0.1:{port}"]));
        }

        _gateways.Add(MakeGateway("dimse", ["--roles", "dimse", "--dimse-port", $"{DimsePort}", "--urls", "http://127.0.0.1:0"]));
        _gateways.Add(MakeGateway("binding", ["--roles", "binding", "--urls", $"http://127.0.0.1:{BindingPort}"], bindings));
    }

    public ClusterServers Servers { get; }

    public IReadOnlyList<ClusterProcess> SiloProcesses => _silos;

    /// <summary>The processes for HTTP, then DIMSE, then bindings.</summary>
    public IReadOnlyList<ClusterProcess> GatewayProcesses => _gateways;

    public IEnumerable<ClusterProcess> Processes => _silos.Concat(_gateways);

    /// <summary>The DICOMweb roots, one for each gateway; each ends with a slash.</summary>
    public IReadOnlyList<Uri> Roots => [.. _httpPorts.Select(port => new Uri($"http://127.0.0.1:{port}/"))];

    public int DimsePort { get; } = FreePort.Take();

    /// <summary>The root of the process that serves the routes of bindings.</summary>
    public Uri BindingRoot => new($"http://127.0.0.1:{BindingPort}/");

    private int BindingPort { get; } = FreePort.Take();

    /// <summary>Starts everything and waits until it is ready.</summary>
    /// <param name="servers">Its database and bucket.</param>
    /// <param name="bindings">Settings of the process with bindings.</param>
    public static async Task<TestCluster> StartAsync(ClusterServers servers, IReadOnlyDictionary<string, string> bindings)
    {
        TestCluster cluster = new(servers, bindings);
        try
        {
            await Task.WhenAll(cluster._silos.Select(silo => silo.StartAsync()));
            await Task.WhenAll(cluster._gateways.Select(gateway => gateway.StartAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes an all-in-one server, such as an archive that a binding delivers to.</summary>
    public static ClusterProcess MakeAllInOne(string name, int port, string data, IReadOnlyDictionary<string, string>? settings = null)
        => new(
            name,
            ["dotnet", Program("Silo"), "--urls", $"http://127.0.0.1:{port}", "--dimse-port", "off", "--data", data],
            settings ?? new Dictionary<string, string>());

    /// <summary>Makes a gateway for STOW-RS and WADO-RS of another storage space, not started yet; its root ends with a slash.</summary>
    public (ClusterProcess Gateway, Uri Root) AddSpace(string provider, int? at = null)
    {
        int port = at ?? FreePort.Take();
        _gateways.Add(MakeGateway(
            provider,
            ["--roles", "stow,wado", "--urls", $"http://127.0.0.1:{port}"],
            new Dictionary<string, string> { ["PROVIDER_NAME"] = provider }));
        return (_gateways[^1], new Uri($"http://127.0.0.1:{port}/"));
    }

    /// <summary>Makes one more silo, not started yet.</summary>
    public ClusterProcess AddSilo()
    {
        _silos.Add(MakeSilo(_silos.Count));
        return _silos[^1];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ClusterProcess process in Processes.Reverse())
        {
            await process.DisposeAsync();
        }
    }

    /// <summary>Returns the path of a built program.</summary>
    public static string Program(string name) => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory,
        "../../../../../src/Silo/bin",
        typeof(TestCluster).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
        $"net10.0/ImagingIngestion.{name}.dll"));

    private ClusterProcess MakeSilo(int number)
    {
        Dictionary<string, string> settings = new(_settings) { ["IMAGING__CLUSTER__LISTEN"] = $"http://127.0.0.1:{FreePort.Take()}" };
        return new ClusterProcess(
            $"silo-{number}", ["dotnet", Program("Silo"), "--roles", "silo", "--urls", "http://127.0.0.1:0"], settings);
    }

    private ClusterProcess MakeGateway(string name, string[] arguments, IReadOnlyDictionary<string, string>? more = null)
    {
        Dictionary<string, string> settings = new(_settings);
        foreach ((string key, string value) in more ?? new Dictionary<string, string>())
        {
            settings[key] = value;
        }

        return new ClusterProcess(name, ["dotnet", Program("Gateways"), .. arguments], settings);
    }
}
