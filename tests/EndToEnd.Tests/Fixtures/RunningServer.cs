namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>
/// A server that several tests share: those of one class, or all of <see cref="Collection"/>. Each test stores instances of its own.
/// </summary>
public class RunningServer : IAsyncLifetime
{
    /// <summary>The tests that need no settings and tolerate instances of other tests.</summary>
    /// <remarks>They remove files of the corpus again, because several tests store them.</remarks>
    public const string Collection = "One running server";

    private readonly string[] _settings;
    private readonly TemporaryFolder _folder = new();
    private Server? _server;

    public RunningServer()
        : this([])
    {
    }

    private protected RunningServer(string[] settings) => _settings = settings;

    internal Server Server => _server!;

    internal HttpClient Client => _server!.Client;

    internal int DimsePort => _server!.DimsePort;

    /// <summary>The processor time of its processes.</summary>
    internal TimeSpan ProcessorTime => _server!.ProcessorTime;

    /// <summary>The root of all services, without a slash at the end.</summary>
    internal string Root => $"{_server!.Root}dicom-web";

    /// <summary>Returns the URL of any path below the server itself.</summary>
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

    /// <summary>Ties the tests to the server.</summary>
    [CollectionDefinition(Collection)]
    public sealed class Definition : ICollectionFixture<RunningServer>;
}

/// <summary>The same server behind a reverse proxy on this machine, which may stand behind another.</summary>
public sealed class ProxiedServer() : RunningServer(["IMAGING__HTTP__KNOWNPROXIES=127.0.0.1;10.0.0.1"]);
