using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Clients;

/// <summary>One server for the tests of a class; each test brings a study of its own.</summary>
public class RunningServer : IAsyncLifetime
{
    private readonly string[] _settings;
    private readonly TemporaryFolder _folder = new();
    private Server? _server;

    public RunningServer()
        : this([])
    {
    }

    private protected RunningServer(string[] settings) => _settings = settings;

    internal HttpClient Client => _server!.Client;

    internal int DimsePort => _server!.DimsePort;

    /// <summary>What its processes have used.</summary>
    internal TimeSpan ProcessorTime => _server!.ProcessorTime;

    /// <summary>Where all services answer, without a slash at the end.</summary>
    internal string Root => $"{_server!.Root}dicom-web";

    /// <summary>Any path below the server itself.</summary>
    internal string Url(string path) => new Uri(_server!.Root, path).ToString();

    public async Task InitializeAsync() => _server = await Server.StartAsync(_folder.Sub("data"), ["env", .. _settings]);

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }
}

/// <summary>The same behind a reverse proxy on this machine, which may stand behind another.</summary>
public sealed class ProxiedServer() : RunningServer(["IMAGING__HTTP__KNOWNPROXIES=127.0.0.1;10.0.0.1"]);
