using System.Runtime.CompilerServices;

namespace ImagingIngestion.Tests;

/// <summary>A real S3 server, Ceph's RADOS gateway.</summary>
/// <remarks>
/// It is the one whose folder <c>IMAGING_TEST_S3</c> names. Without it, the first test that needs a server starts one, which ends with this
/// process.
/// </remarks>
internal sealed class RgwServer
{
    private const string Variable = "IMAGING_TEST_S3";

    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(3);
    private static readonly Lazy<Task<RgwServer>> Shared = new(StartSharedAsync);

    private readonly Dictionary<string, string> _settings;

    private RgwServer(string folder)
    {
        Folder = folder;
        _settings = File.ReadAllLines(Path.Combine(folder, "env")).Select(line => line.Split('=', 2)).ToDictionary(
            pair => pair[0], pair => pair[1], StringComparer.Ordinal);
    }

    /// <summary>The folder of its data and logs.</summary>
    public string Folder { get; }

    public Uri Endpoint => new(_settings["S3_ENDPOINT"]);

    public string AccessKey => _settings["S3_ACCESS_KEY"];

    public string SecretKey => _settings["S3_SECRET_KEY"];

    public string Region => _settings["S3_REGION"];

    /// <summary>The endpoint over TLS, with its own certificate.</summary>
    public Uri TlsEndpoint => new(_settings["S3_ENDPOINT_TLS"]);

    /// <summary>The certificate to trust for <see cref="TlsEndpoint"/>.</summary>
    public string CaFile => _settings["S3_TLS_CA"];

    private static string Script([CallerFilePath] string path = "")
        => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../deploy/servers/rgw"));

    /// <summary>Returns the server that the tests of a run share.</summary>
    public static Task<RgwServer> SharedAsync() => Shared.Value;

    /// <summary>Starts a server in its own folder, for a test that stops it.</summary>
    public static async Task<RgwServer> StartAsync(string folder, bool withTls = false)
    {
        await RunAsync("up", folder, withTls);
        return new RgwServer(folder);
    }

    /// <summary>Stops the S3 server; its data stay.</summary>
    public Task PauseAsync() => RunAsync("pause", Folder);

    public Task ResumeAsync() => RunAsync("resume", Folder);

    public Task StopAsync() => RunAsync("down", Folder);

    private static async Task<RgwServer> StartSharedAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder)
        {
            return new RgwServer(folder);
        }

        string own = Path.Combine(Path.GetTempPath(), $"imaging-rgw-{Environment.ProcessId}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => System.Diagnostics.Process.Start(Script(), ["down", own]).WaitForExit();
        return await StartAsync(own, withTls: true);
    }

    private static async Task RunAsync(string command, string folder, bool withTls = false)
    {
        Dictionary<string, string> environment = withTls ? new Dictionary<string, string> { ["RGW_TLS_PORT"] = "0" } : [];
        (int exitCode, string output, string error) =
            await ExternalProcess.RunAsync(Script(), [command, folder], "", StartTime, environment);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"'{Script()} {command}' ended with {exitCode}: {output} {error}");
        }
    }
}
