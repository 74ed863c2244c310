using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>Debian's Orthanc with its DICOMweb plugin, an independent peer. It knows one server, named "ours".</summary>
internal sealed class OrthancServer : IAsyncDisposable
{
    public const string ServerName = "ours";

    private static readonly Regex Started = new("Orthanc has started", RegexOptions.CultureInvariant);
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private OrthancServer(Process process, int port, int dicomPort)
    {
        _process = process;
        DicomPort = dicomPort;
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = TimeSpan.FromMinutes(2) };
    }

    /// <summary>The port for associations; any called title may store.</summary>
    public int DicomPort { get; }

    /// <summary>Orthanc's own REST interface.</summary>
    public HttpClient Client { get; }

    /// <param name="folder">The folder of its configuration and storage.</param>
    /// <param name="peer">The root of the DICOMweb services that it uses as a client.</param>
    /// <param name="more">Settings that are added or replace others.</param>
    public static async Task<OrthancServer> StartAsync(string folder, Uri peer, params (string Name, JsonNode Value)[] more)
    {
        int port = FreePort();
        int dicomPort = FreePort();
        Directory.CreateDirectory(folder);
        string configuration = Path.Combine(folder, "orthanc.json");
        JsonObject settings = Configuration(folder, port, dicomPort, peer);
        foreach ((string name, JsonNode value) in more)
        {
            settings[name] = value;
        }

        await File.WriteAllTextAsync(configuration, settings.ToJsonString());

        ProcessStartInfo start = new(
            Tools.OrthancPath, [configuration]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        Process process = Process.Start(start)!;
        try
        {
            await new ProcessOutput(process).WaitForAsync(Started, StartTime);
            return new OrthancServer(process, port, dicomPort);
        }
        catch
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            process.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static JsonObject Configuration(string folder, int port, int dicomPort, Uri peer) => new()
    {
        ["Name"] = "PEER",
        ["StorageDirectory"] = Path.Combine(folder, "storage"),
        ["IndexDirectory"] = Path.Combine(folder, "index"),
        ["Plugins"] = new JsonArray(Tools.OrthancDicomWebPlugin),
        ["HttpPort"] = port,
        ["RemoteAccessAllowed"] = false,
        ["AuthenticationEnabled"] = false,
        ["DicomServerEnabled"] = true,
        ["DicomPort"] = dicomPort,
        ["DicomAet"] = "ORTHANC",
        ["DicomAlwaysAllowStore"] = true,
        ["UnknownSopClassAccepted"] = true,
        ["OverwriteInstances"] = true,
        ["DicomWeb"] = new JsonObject
        {
            ["Enable"] = true,
            ["Root"] = "/dicom-web/",
            ["Servers"] = new JsonObject { [ServerName] = new JsonArray(peer.ToString()) },
        },
    };

    /// <summary>Returns a port that nobody listens on now.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
