namespace ImagingIngestion.EndToEnd.Tests;

/// <summary>One server for the tests of a class; each test brings a study of its own.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Server? _server;

    internal HttpClient Client => _server!.Client;

    internal int DimsePort => _server!.DimsePort;

    /// <summary>What its processes have used.</summary>
    internal TimeSpan ProcessorTime => _server!.ProcessorTime;

    /// <summary>Where all services answer, without a slash at the end.</summary>
    internal string Root => $"{_server!.Root}dicom-web";

    /// <summary>Any path below the server itself.</summary>
    internal string Url(string path) => new Uri(_server!.Root, path).ToString();

    public async Task InitializeAsync() => _server = await Server.StartAsync(_folder.Sub("data"));

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }
}
